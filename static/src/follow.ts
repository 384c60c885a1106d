/** Points of links go along when both ends of their link are moved alike. */
import type { LLink } from "@comfyorg/litegraph";
import { bendsOf, setBends } from "./bends.ts";
import type { Card } from "./card.ts";
import type { Pair } from "./types.ts";

interface Moved {
  origin: Pair;
  target: Pair;
}

let gesture = new Map<LLink, Moved>();

/** A card was moved by so much. */
export function moved(card: Card, dx: number, dy: number): void {
  for (const slot of card.outs) for (const id of slot.links ?? []) follow(card.graph?._links.get(id), "origin", dx, dy);
  for (const slot of card.ins) if (slot.link != null) follow(card.graph?._links.get(slot.link), "target", dx, dy);
}

/** What is moved from now on is another gesture. */
export function stopped(): void {
  for (const link of gesture.keys()) setBends(link, bendsOf(link).map(([x, y]): Pair => [Math.round(x), Math.round(y)]));
  if (gesture.size) gesture = new Map();
}

function follow(link: LLink | undefined, end: keyof Moved, dx: number, dy: number): void {
  const via = link ? bendsOf(link) : [];
  if (!link || !via.length) return;
  const way = gesture.get(link) ?? { origin: [0, 0], target: [0, 0] };
  gesture.set(link, way);
  way[end] = [way[end][0] + dx, way[end][1] + dy];
  const [{ origin: one, target: other }] = [way];
  const by: Pair = [nearer(one[0], other[0]), nearer(one[1], other[1])];
  if (!by[0] && !by[1]) return;
  for (const each of [one, other]) [each[0], each[1]] = [each[0] - by[0], each[1] - by[1]];
  setBends(link, via.map(([x, y]): Pair => [x + by[0], y + by[1]]));
}

/** How far both have gone the same way. */
function nearer(one: number, other: number): number {
  return one * other <= 0 ? 0 : Math.sign(one) * Math.min(Math.abs(one), Math.abs(other));
}
