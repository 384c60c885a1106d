/** Nodes and links in words, for those who hear the canvas. */
import type { Card } from "./card.ts";
import type { Model } from "./model.ts";
import { Note } from "./note.ts";
import { statusWords } from "./paint-status.ts";
import type { LinkSpec } from "./types.ts";
import type { GraphView } from "./view.ts";
import { n, t } from "./words.ts";

/** Name, type, state, problems, what it takes from and what it feeds. */
export function itemWords(view: GraphView, item: Card | Note): string {
  if (item instanceof Note) return t("Note: {text}", { text: item.spec.text.slice(0, 300) || "…" });
  const run = view.runs.get(item.key);
  const parts = [item.label, kindWords(item), run ? statusWords(run) : "", troubleWords(view, item), ...neighbours(view.model, item)];
  return parts.filter((part) => part !== "").join(", ");
}

/** The type, where the card is not called after it. */
export function kindWords(card: Card): string {
  if (!card.kind) return t("unknown type {type}", { type: card.type.slice(0, 60) });
  return card.kind.title === card.label ? "" : card.kind.title;
}

export function troubleWords(view: GraphView, card: Card): string {
  const { errors = 0, warnings = 0 } = view.problems.get(card.key) ?? {};
  const parts = [errors ? n("{count} error", "{count} errors", errors) : "", warnings ? n("{count} warning", "{count} warnings", warnings) : ""];
  return parts.filter(Boolean).join(", ");
}

export function linkWords(model: Model, { from, to }: LinkSpec): { from: string; to: string; output: string; input: string } {
  const name = (id: string) => model.cards.get(id)?.label ?? id;
  return { from: name(from[0]), to: name(to[0]), output: from[1], input: to[1] };
}

function neighbours(model: Model, card: Card): string[] {
  const at = (id: number | null | undefined) => (id == null ? undefined : model.graph._links.get(id));
  const names = (ids: (number | null | undefined)[], side: "origin_id" | "target_id") => {
    const found = ids.map((id) => at(id)?.[side]).map((id) => (id === undefined ? undefined : (model.graph.getNodeById(id) as Card | null)?.label));
    return [...new Set(found.filter((name) => name !== undefined))].slice(0, 6).join(", ");
  };
  const before = names(card.ins.map((slot) => slot.link), "origin_id");
  const after = names(card.outs.flatMap((slot) => slot.links ?? []), "target_id");
  return [before ? t("takes from {names}", { names: before }) : t("takes from nothing"), after ? t("feeds {names}", { names: after }) : t("feeds nothing")];
}
