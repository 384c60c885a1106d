/** Links: one curve each in the colour of what flows; far away, straight lines in one stroke per colour. */
import type { Rectangle } from "@comfyorg/litegraph";
import { bentLine, curveOf } from "./bends.ts";
import { type Scene, TURN, type Wire } from "./scene.ts";
import { socketLook, type Theme } from "./theme.ts";

export function curve(ctx: CanvasRenderingContext2D | Path2D, a: ArrayLike<number>, b: ArrayLike<number>): void {
  const [, out, into] = curveOf(a, b);
  ctx.moveTo(a[0]!, a[1]!);
  ctx.bezierCurveTo(out[0]!, out[1]!, into[0]!, into[1]!, b[0]!, b[1]!);
}

/** A link on its way: a curve forward; back to something on the left it runs through a free lane between the cards. */
export function trace(ctx: CanvasRenderingContext2D | Path2D, { a, b, lane, link, via }: Wire): void {
  if (via.length) return bentLine(ctx, { a, b, via });
  if (lane === null) return curve(ctx, a, b);
  const out = TURN + 4 * (link.target_slot % 3);
  const round = Math.max(0, Math.min(12, Math.abs(lane - a[1]) / 2, Math.abs(b[1] - lane) / 2));
  ctx.moveTo(a[0], a[1]);
  ctx.arcTo(a[0] + out, a[1], a[0] + out, lane, round);
  ctx.arcTo(a[0] + out, lane, b[0] - out, lane, round);
  ctx.arcTo(b[0] - out, lane, b[0] - out, b[1], round);
  ctx.arcTo(b[0] - out, b[1], b[0], b[1], round);
  ctx.lineTo(b[0], b[1]);
}

export function paintLinks(ctx: CanvasRenderingContext2D, theme: Theme, scene: Scene, area: Rectangle, hot: number | null): void {
  for (const wire of scene.wires) {
    if (wire.link._dragging || !wire.crosses(area)) continue;
    const lit = wire.from.selected || wire.to.selected || wire.link.id === hot;
    ctx.beginPath();
    trace(ctx, wire);
    ctx.lineWidth = lit ? 5.5 : 4.5;
    ctx.strokeStyle = theme.canvas;
    ctx.stroke();
    ctx.lineWidth = lit ? 2.6 : 1.8;
    ctx.globalAlpha = lit ? 1 : theme.linkAlpha;
    ctx.strokeStyle = socketLook(wire.type, theme.name).color;
    ctx.stroke();
    ctx.globalAlpha = 1;
    for (const [x, y] of wire.via) handle(ctx, theme, x, y, lit);
  }
}

/** A point of a link that can be dragged. */
function handle(ctx: CanvasRenderingContext2D, theme: Theme, x: number, y: number, lit: boolean): void {
  ctx.beginPath();
  ctx.arc(x, y, lit ? 6 : 4.5, 0, Math.PI * 2);
  ctx.fillStyle = theme.card;
  ctx.fill();
  ctx.stroke();
}

export function paintFarLinks(ctx: CanvasRenderingContext2D, theme: Theme, scene: Scene, scale: number): void {
  // below one pixel of the screen a line is a hairline, which costs a fraction
  ctx.lineWidth = 0.8 / scale;
  ctx.globalAlpha = 0.6;
  for (const [type, path] of scene.lines) {
    ctx.strokeStyle = socketLook(type, theme.name).color;
    ctx.stroke(path);
  }
  ctx.globalAlpha = 1;
}

/** The link whose curve passes within a few pixels of a point, if any. */
export function linkAt(ctx: CanvasRenderingContext2D, scene: Scene, x: number, y: number, reach: number): Wire | null {
  const { lineWidth } = ctx;
  const transform = ctx.getTransform();
  const near = [x - reach, y - reach, 2 * reach, 2 * reach];
  ctx.resetTransform();
  ctx.lineWidth = reach * 2;
  let found: Wire | null = null;
  for (const wire of scene.wires) {
    if (!wire.crosses(near)) continue;
    const path = new Path2D();
    trace(path, wire);
    if (ctx.isPointInStroke(path, x, y)) found = wire;
  }
  ctx.setTransform(transform);
  ctx.lineWidth = lineWidth;
  return found;
}
