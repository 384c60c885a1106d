/** How two versions differ, drawn over the graph: a sign and a line of its own for each mark, colour repeats it. */
import { Card } from "./card.ts";
import type { Model } from "./model.ts";
import { curve } from "./paint-links.ts";
import type { Theme } from "./theme.ts";
import type { LinkSpec } from "./types.ts";

export type Mark = "added" | "removed" | "changed";

export interface MarkSet {
  nodes: Record<string, Mark>;
  links: (LinkSpec & { mark: Mark })[];
}

const SIGNS: Record<Mark, string> = { added: "+", removed: "−", changed: "≠" };
const DASHES: Record<Mark, number[]> = { added: [], removed: [7, 5], changed: [2, 4] };
const MARKS = new Set(Object.keys(SIGNS));

export function markColor(theme: Theme, mark: Mark): string {
  return { added: theme.states.succeeded, removed: theme.error, changed: theme.warning }[mark];
}

/** The marks of a payload, unknown ones left out. */
export function readMarks(value: unknown): MarkSet | null {
  const raw = value as Partial<MarkSet> | null | undefined;
  if (!raw?.nodes || !Array.isArray(raw.links)) return null;
  const nodes = Object.fromEntries(Object.entries(raw.nodes).filter(([, mark]) => MARKS.has(mark)));
  return { nodes, links: raw.links.filter(({ mark }) => MARKS.has(mark)) };
}

export function paintMarks(ctx: CanvasRenderingContext2D, theme: Theme, model: Model, marks: MarkSet, scale: number): void {
  for (const link of marks.links) paintLink(ctx, theme, model, link, scale);
  for (const [id, mark] of Object.entries(marks.nodes)) {
    const card = model.cards.get(id);
    if (card) paintCardMark(ctx, theme, card, mark, scale);
  }
}

function paintCardMark(ctx: CanvasRenderingContext2D, theme: Theme, card: Card, mark: Mark, scale: number): void {
  const [x, y] = [card.pos[0]!, card.pos[1]!];
  const [width, height] = [card.size[0]!, card.size[1]!];
  const color = markColor(theme, mark);
  if (mark === "removed") {
    // a ghost: what is gone fades into the ground
    ctx.globalAlpha = 0.6;
    ctx.fillStyle = theme.canvas;
    ctx.fillRect(x - 8, y - 8, width + 16, height + 16);
    ctx.globalAlpha = 1;
  }
  ctx.beginPath();
  ctx.roundRect(x - 3, y - 3, width + 6, height + 6, 12);
  ctx.lineWidth = Math.max(2.5, 2 / scale);
  ctx.setLineDash(DASHES[mark].map((length) => length * Math.max(1, 0.6 / scale)));
  ctx.strokeStyle = color;
  ctx.stroke();
  ctx.setLineDash([]);
  const radius = Math.max(11, 7 / scale);
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, Math.PI * 2);
  ctx.fillStyle = color;
  ctx.fill();
  ctx.font = `700 ${radius * 1.5}px ${theme.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = theme.onSolid;
  ctx.fillText(SIGNS[mark], x, y + radius * 0.08);
}

function paintLink(ctx: CanvasRenderingContext2D, theme: Theme, model: Model, link: MarkSet["links"][number], scale: number): void {
  const from = spot(model.cards.get(link.from[0]), "out", link.from[1]);
  const to = spot(model.cards.get(link.to[0]), "in", link.to[1]);
  if (!from || !to) return;
  ctx.beginPath();
  curve(ctx, from, to);
  ctx.lineWidth = Math.max(3, 2 / scale);
  ctx.setLineDash(DASHES[link.mark]);
  ctx.strokeStyle = markColor(theme, link.mark);
  ctx.stroke();
  ctx.setLineDash([]);
}

/** Where a socket lies; one that the card has no more lies in the middle of its side. */
function spot(card: Card | undefined, side: "in" | "out", name: string): [number, number] | null {
  if (!card) return null;
  const slots = side === "in" ? card.ins : card.outs;
  const at = slots.find((slot) => slot.name === name)?.pos ?? [side === "in" ? 0 : card.size[0]!, card.size[1]! / 2];
  return [card.pos[0]! + at[0]!, card.pos[1]! + at[1]!];
}
