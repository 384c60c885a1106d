/** A wire that was dropped on empty canvas: it stays while the list asks what to put at its end. */
import type { Drag } from "./linking.ts";
import type { Model } from "./model.ts";
import { curve } from "./paint-links.ts";
import { socketLook, type Theme } from "./theme.ts";
import type { Pair } from "./types.ts";

export interface Loose {
  drag: Drag;
  /** Where it was dropped, in the graph. */
  end: Pair;
}

export function paintLoose(ctx: CanvasRenderingContext2D, theme: Theme, model: Model, { drag, end }: Loose): void {
  const { card, slot, seeks } = drag;
  const at = slot.pos;
  if (!at || model.cards.get(card.key) !== card) return;
  const start: Pair = card.shelter?.door(seeks === "in" ? "out" : "in") ?? [card.pos[0]! + at[0]!, card.pos[1]! + at[1]!];
  ctx.beginPath();
  if (seeks === "in") curve(ctx, start, end);
  else curve(ctx, end, start);
  ctx.lineWidth = 2.4;
  ctx.strokeStyle = ctx.fillStyle = socketLook(slot.spec.type, theme.name).color;
  ctx.setLineDash([7, 5]);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.arc(end[0], end[1], 4.5, 0, Math.PI * 2);
  ctx.fill();
}
