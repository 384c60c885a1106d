/** Whether one socket may feed another, and if not, why: said to the person who tries it. */
import type { LGraph } from "@comfyorg/litegraph";
import { Card } from "./card.ts";
import type { Catalogue } from "./catalogue.ts";
import { typeWords } from "./typewords.ts";
import type { SocketSpec } from "./types.ts";
import { t } from "./words.ts";

export function reason(catalogue: Catalogue, from: Card, output: SocketSpec, to: Card, input: SocketSpec): string | null {
  if (from === to) return t("{node} cannot feed itself", { node: from.label });
  if (input.missing) return t("{node} has no input “{name}” any more", { node: to.label, name: input.name });
  if (output.missing) return t("{node} has no output “{name}” any more", { node: from.label, name: output.name });
  if (!catalogue.fits(output.type, input.type)) {
    const [given, wanted] = [typeWords(output.type), typeWords(input.type)];
    return t("“{output}” gives {given}, but “{input}” takes {wanted}", { given, wanted, output: output.name, input: input.name });
  }
  if (reach(to, "down").has(from)) return t("This would make a loop: {to} already leads to {from}", { to: to.label, from: from.label });
  return null;
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
