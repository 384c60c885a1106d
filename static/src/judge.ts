/** Whether one socket may feed another, and if not, why: said to the person who tries it. */
import type { LGraph } from "@comfyorg/litegraph";
import { Card } from "./card.ts";
import type { Catalogue } from "./catalogue.ts";
import type { SocketSpec } from "./types.ts";

export function reason(catalogue: Catalogue, from: Card, output: SocketSpec, to: Card, input: SocketSpec): string | null {
  if (from === to) return `${from.label} cannot feed itself`;
  if (input.missing) return `${to.label} has no input '${input.name}' any more`;
  if (output.missing) return `${from.label} has no output '${output.name}' any more`;
  if (!catalogue.fits(output.type, input.type)) {
    return `${article(output.type)} output does not fit the ${input.type} input '${input.name}'`;
  }
  if (reach(to, "down").has(from)) return `This would make a loop: ${to.label} already leads to ${from.label}`;
  return null;
}

function article(type: string): string {
  return `${/^[AEIOU]/i.test(type) ? "An" : "A"} ${type}`;
}

/** Everything that `start` feeds, near and far (down), or is fed by (up), itself included. */
export function reach(start: Card, way: "up" | "down"): Set<Card> {
  const graph: LGraph | null = start.graph;
  const seen = new Set<Card>([start]);
  const queue = [start];
  for (let card = queue.pop(); card; card = queue.pop()) {
    const ids = way === "down" ? card.outs.flatMap((slot) => slot.links ?? []) : card.ins.map((slot) => slot.link);
    for (const id of ids) {
      const link = id == null ? undefined : graph?._links.get(id);
      const next = graph?.getNodeById(way === "down" ? link?.target_id : link?.origin_id);
      if (!(next instanceof Card) || seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return seen;
}
