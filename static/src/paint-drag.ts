/** What follows the pointer: links on their way, and the rectangle that selects. */
import type { LGraphCanvas } from "@comfyorg/litegraph";
import { curve } from "./paint-links.ts";
import { socketLook, type Theme } from "./theme.ts";

type Dragged = LGraphCanvas["linkConnector"]["renderLinks"];

export function paintDraggedLinks(ctx: CanvasRenderingContext2D, theme: Theme, links: Dragged, end: ArrayLike<number>, refused: boolean): void {
  for (const link of links) {
    const color = refused ? theme.error : socketLook(String(link.fromSlot.type), theme.name).color;
    ctx.beginPath();
    if (link.toType === "input") curve(ctx, link.fromPos, end);
    else curve(ctx, end, link.fromPos);
    ctx.lineWidth = 2.4;
    ctx.strokeStyle = color;
    if (refused) ctx.setLineDash([6, 5]);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.arc(end[0]!, end[1]!, 4, 0, Math.PI * 2);
    ctx.fillStyle = color;
    ctx.fill();
  }
}

export function paintSelecting(ctx: CanvasRenderingContext2D, theme: Theme, [x, y, w, h]: ArrayLike<number> & Iterable<number>, scale: number): void {
  ctx.beginPath();
  ctx.rect(x!, y!, w!, h!);
  ctx.fillStyle = ctx.strokeStyle = theme.accent;
  ctx.globalAlpha = 0.1;
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.lineWidth = 1 / scale;
  ctx.stroke();
}
