/** Cards in the order in which they run: what feeds comes before what it feeds; beside that, left to right. */
import type { Card } from "./card.ts";
import type { Model } from "./model.ts";

export function runOrder(model: Model): Card[] {
  const waits = new Map<Card, number>();
  for (const card of model.cards.values()) waits.set(card, card.ins.filter((slot) => slot.link != null).length);
  const placed = [...waits.keys()].sort(leftToRight);
  const found: Card[] = [];
  let ready = placed.filter((card) => waits.get(card) === 0);
  while (found.length < placed.length) {
    // in a circle nobody is ready: begin with the first that is left
    if (!ready.length) ready = placed.filter((card) => waits.has(card)).slice(0, 1);
    const next: Card[] = [];
    for (const card of ready) {
      if (!waits.delete(card)) continue;
      found.push(card);
      for (const fed of following(card)) {
        const left = waits.get(fed);
        if (left === undefined) continue;
        waits.set(fed, left - 1);
        if (left <= 1) next.push(fed);
      }
    }
    ready = next.sort(leftToRight);
  }
  return found;
}

function leftToRight(one: Card, other: Card): number {
  return one.pos[0]! - other.pos[0]! || one.pos[1]! - other.pos[1]!;
}

/** Once for each link. */
function* following(card: Card): Iterable<Card> {
  for (const id of card.outs.flatMap((slot) => slot.links ?? [])) {
    const link = card.graph?._links.get(id);
    const fed = link && card.graph?.getNodeById(link.target_id);
    if (fed) yield fed as Card;
  }
}
