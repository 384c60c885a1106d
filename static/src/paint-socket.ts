/** Sockets: colour and shape say the type, a filled shape says "linked", a doubled one "list". */
import { socketLook, type Shape, type Theme } from "./theme.ts";
import type { SocketSpec } from "./types.ts";

const R = 5;

function polygon(ctx: CanvasRenderingContext2D, x: number, y: number, r: number, sides: number, turn: number): void {
  for (let i = 0; i < sides; i += 1) {
    const angle = turn + (i * 2 * Math.PI) / sides;
    ctx.lineTo(x + r * Math.cos(angle), y + r * Math.sin(angle));
  }
  ctx.closePath();
}

function outline(ctx: CanvasRenderingContext2D, shape: Shape, x: number, y: number, r: number): void {
  ctx.beginPath();
  if (shape === "square") ctx.roundRect(x - r + 0.5, y - r + 0.5, 2 * r - 1, 2 * r - 1, 1.5);
  else if (shape === "diamond") polygon(ctx, x, y, r + 0.8, 4, 0);
  else if (shape === "triangle") polygon(ctx, x - 0.8, y, r + 1, 3, 0);
  else if (shape === "hexagon") polygon(ctx, x, y, r + 0.4, 6, 0);
  else if (shape === "pill") ctx.roundRect(x - r + 1.6, y - r - 1, 2 * r - 3.2, 2 * r + 2, r - 1.6);
  else ctx.arc(x, y, r, 0, Math.PI * 2);
}

export interface SocketState {
  linked: boolean;
  /** Pointer is on it, or a link would snap to it. */
  hot: boolean;
  /** Nothing of what is being dragged fits here. */
  dimmed: boolean;
}

export function paintSocket(ctx: CanvasRenderingContext2D, theme: Theme, spec: SocketSpec, x: number, y: number, state: SocketState): void {
  const { shape, color, list } = socketLook(spec.type, theme.name);
  const ink = spec.missing ? theme.error : color;
  ctx.globalAlpha = state.dimmed ? 0.25 : 1;
  if (state.hot) {
    outline(ctx, "circle", x, y, R + 5);
    ctx.fillStyle = ink;
    ctx.globalAlpha *= 0.28;
    ctx.fill();
    ctx.globalAlpha = state.dimmed ? 0.25 : 1;
  }
  ctx.lineWidth = 1.6;
  ctx.strokeStyle = ink;
  if (list) stroke(ctx, shape, x + 2.4, y - 2.4, theme.card, null);
  stroke(ctx, shape, x, y, state.linked ? ink : theme.card, spec.missing ? [2, 2] : null);
  if (shape === "ring" && state.linked) dot(ctx, x, y, theme.card);
  ctx.globalAlpha = 1;
}

function stroke(ctx: CanvasRenderingContext2D, shape: Shape, x: number, y: number, fill: string, dash: number[] | null): void {
  outline(ctx, shape, x, y, R);
  ctx.fillStyle = fill;
  ctx.fill();
  if (dash) ctx.setLineDash(dash);
  ctx.stroke();
  if (dash) ctx.setLineDash([]);
}

function dot(ctx: CanvasRenderingContext2D, x: number, y: number, color: string): void {
  ctx.beginPath();
  ctx.arc(x, y, 2, 0, Math.PI * 2);
  ctx.fillStyle = color;
  ctx.fill();
}
