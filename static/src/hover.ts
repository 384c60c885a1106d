/** What to say about the thing under the pointer. */
import { Card } from "./card.ts";
import { TITLE } from "./layout.ts";
import { statusWords } from "./paint-status.ts";
import type { Surface } from "./surface.ts";
import type { Problem, SocketSpec } from "./types.ts";
import { t } from "./words.ts";

const NEAR = 10;

function socketWords(spec: SocketSpec, side: "in" | "out"): string {
  if (spec.missing) {
    const gone = side === "in" ? t("{name}: this node has no such input any more", { name: spec.label ?? spec.name }) : t("{name}: this node has no such output any more", { name: spec.label ?? spec.name });
    return gone;
  }
  const must = spec.required ? `, ${t("required")}` : "";
  return `${spec.label ?? spec.name} (${spec.type_label ?? spec.type}${must})${spec.description ? `\n${spec.description}` : ""}`;
}

export function hoverText(surface: Surface, problems: Problem[]): string {
  const [x, y] = [surface.graph_mouse[0]!, surface.graph_mouse[1]!];
  const card = surface.graph?.getNodeOnPos(x, y, surface.visible_nodes);
  if (!(card instanceof Card)) return linkText(surface);
  const [left, top] = [x - card.pos[0]!, y - card.pos[1]!];
  const near = (pos: ArrayLike<number> | undefined) => pos !== undefined && Math.hypot(pos[0]! - left, pos[1]! - top) < NEAR;
  for (const slot of card.ins) if (near(slot.pos)) return socketWords(slot.spec, "in");
  for (const slot of card.outs) if (near(slot.pos)) return socketWords(slot.spec, "out");
  if (top > TITLE) return "";
  const mine = problems.filter(({ node }) => node === card.key).map(({ message }) => `• ${message}`);
  const run = surface.stage.runs.get(card.key);
  const about = card.kind ? `${card.kind.title}${card.kind.description ? `: ${card.kind.description}` : ""}` : t("Unknown node type {type}. Its settings and links are kept.", { type: card.type });
  return [about, ...mine, ...(run ? [statusWords(run)] : [])].join("\n");
}

function linkText(surface: Surface): string {
  const link = surface.hotLink === null ? undefined : surface.stage.model.graph._links.get(surface.hotLink);
  const spec = link && surface.stage.model.spec(link);
  if (!spec) return "";
  return surface.stage.locked ? `${spec.from[1]} → ${spec.to[1]}` : `${spec.from[1]} → ${spec.to[1]}\n${t("Click, then Delete, to remove")}`;
}
