/** Aligning and distributing things on the board: pure, over rectangles. */
import type { Pair } from "./types.ts";

export interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}

export type Side = "left" | "centre" | "right" | "top" | "middle" | "bottom";

/** Where each goes so that all share an edge or an axis of what holds them all. */
export function aligned(all: Rect[], side: Side): Pair[] {
  const left = Math.min(...all.map(({ x }) => x));
  const top = Math.min(...all.map(({ y }) => y));
  const right = Math.max(...all.map(({ x, w }) => x + w));
  const bottom = Math.max(...all.map(({ y, h }) => y + h));
  const place = ({ x, y, w, h }: Rect): Pair => {
    if (side === "left") return [left, y];
    if (side === "right") return [right - w, y];
    if (side === "centre") return [(left + right - w) / 2, y];
    if (side === "top") return [x, top];
    if (side === "bottom") return [x, bottom - h];
    return [x, (top + bottom - h) / 2];
  };
  return all.map(place).map(([x, y]) => [Math.round(x), Math.round(y)]);
}

/** Where each goes so that the gaps between neighbours are equal; the outer two stay. Fewer than three stay as they are. */
export function distributed(all: Rect[], axis: "x" | "y"): Pair[] {
  const size = axis === "x" ? "w" : "h";
  const order = all.map((rect, i) => ({ rect, i })).sort((a, b) => a.rect[axis] - b.rect[axis]);
  const [first, last] = [order[0]?.rect, order.at(-1)?.rect];
  const places = all.map(({ x, y }): Pair => [x, y]);
  if (!first || !last || all.length < 3) return places;
  const room = last[axis] + last[size] - first[axis] - all.reduce((sum, rect) => sum + rect[size], 0);
  const gap = room / (all.length - 1);
  let at = first[axis];
  for (const { rect, i } of order) {
    places[i]![axis === "x" ? 0 : 1] = Math.round(at);
    at += rect[size] + gap;
  }
  return places;
}
