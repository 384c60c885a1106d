/** What the context menu holds for each kind of thing. */
import type { Entry, Item } from "./menu.ts";
import type { MenuRequest } from "./types.ts";
import type { GraphView } from "./view.ts";
import { t } from "./words.ts";

const NAMES: Record<MenuRequest["kind"], string[]> = {
  node: ["settings", "run-to", "run-from", "|", "group", "fold", "unfold", "|", "cut", "copy", "duplicate", "|", "disconnect", "delete"],
  selection: ["zoom-selection", "|", "group", "fold", "|", "cut", "copy", "duplicate", "|", "disconnect", "delete"],
  canvas: ["add-node", "add-note", "paste", "|", "select-all", "fit", "|", "undo", "redo"],
  group: ["select-inside", "|", "duplicate", "copy", "|", "ungroup", "delete"],
  note: ["edit-note", "|", "cut", "copy", "duplicate", "|", "delete"],
  link: ["link-insert", "|", "delete"],
};

export function entries(view: GraphView, kind: MenuRequest["kind"]): Entry[] {
  const found = NAMES[kind].map((name): Entry | null => (name === "|" ? "line" : view.acts.item(name)));
  const present = found.filter((entry) => entry !== null);
  return present.some((entry) => entry !== "line") ? present : [nothing()];
}

function nothing(): Item {
  return { name: "nothing", label: t("Nothing can be changed here"), disabled: true, run: () => undefined };
}
