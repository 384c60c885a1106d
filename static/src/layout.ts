/** Where the parts of a card sit. Sockets lie on the card's edges, one row each side by side. */
import { summarise } from "./summary.ts";
import { measure, wrap } from "./text.ts";
import type { Card } from "./card.ts";
import type { Pair } from "./types.ts";

export const TITLE = 38;
export const ROW = 22;
export const LINE = 16;
export const PAD = 10;
export const WIDTH = 240;
export const PREVIEW = 150;
export const RADIUS = 10;

/** The page's font: what is measured here is what is painted. */
let small = "11.5px system-ui, sans-serif";

export function measureWith(family: string): void {
  small = `11.5px ${family}`;
}

let made = 0;

/** How many layouts were made so far: when it stands still, no socket has moved on its card. */
export function layoutsMade(): number {
  return made;
}

export interface Layout {
  minimum: Pair;
  width: number;
  lines: string[];
  previewTop: number;
}

/** Puts the sockets in place for a wished width and says how small the card may be. */
export function layout(card: Card, wished: number): Layout {
  made += 1;
  if (card.spec.collapsed) return folded(card, wished);
  const rows = Math.max(card.ins.length, card.outs.length);
  const least = minimumWidth(card);
  const width = Math.max(wished, least);
  for (const [i, slot] of card.ins.entries()) slot.pos = [0, TITLE + ROW * (i + 0.5)];
  for (const [i, slot] of card.outs.entries()) slot.pos = [width, TITLE + ROW * (i + 0.5)];
  const summary = summarise(card.kind, card.spec.settings);
  const lines = summary ? wrap(summary, small, width - 2 * 14, 2) : [];
  let y = TITLE + rows * ROW;
  if (lines.length) y += 6 + lines.length * LINE;
  const previewTop = y + 6;
  if (card.pictures) y += 6 + PREVIEW;
  return { minimum: [least, y + PAD], width, lines, previewTop };
}

/** Only the title: all sockets of a side in one point. */
function folded(card: Card, wished: number): Layout {
  const width = Math.max(wished, WIDTH);
  for (const slot of card.ins) slot.pos = [0, TITLE / 2];
  for (const slot of card.outs) slot.pos = [width, TITLE / 2];
  return { minimum: [WIDTH, TITLE], width, lines: [], previewTop: TITLE };
}

function minimumWidth(card: Card): number {
  let widest = WIDTH;
  for (let i = 0; i < Math.min(card.ins.length, card.outs.length); i += 1) {
    const both = measure(shown(card.ins[i]!), small) + measure(shown(card.outs[i]!), small);
    widest = Math.max(widest, Math.min(420, Math.ceil(both + 56)));
  }
  return widest;
}

function shown(slot: { name: string; spec: { label?: string } }): string {
  return slot.spec.label ?? slot.name;
}
