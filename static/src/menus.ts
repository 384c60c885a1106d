/** What the context menu holds for each kind of thing. */
import type { Entry, Item, Row } from "./menu.ts";
import type { MenuRequest } from "./types.ts";
import type { GraphView } from "./view.ts";
import { t } from "./words.ts";

const NAMES: Record<MenuRequest["kind"], string[]> = {
  node: ["settings", "run-to", "run-from", "|", "collapse", "pin", "|", "group", "fold", "unfold", "|", "cut", "copy", "duplicate", "|", "disconnect", "delete"],
  selection: ["zoom-selection", "|", "=align", "=colour", "layout", "collapse", "pin", "|", "group", "fold", "|", "cut", "copy", "duplicate", "|", "disconnect", "delete"],
  canvas: ["add-node", "add-note", "paste", "|", "layout", "snap", "minimap", "|", "select-all", "fit", "|", "undo", "redo"],
  group: ["edit-group", "=colour", "|", "collapse", "pin", "select-inside", "|", "duplicate", "copy", "|", "ungroup", "delete"],
  note: ["edit-note", "=colour", "pin", "|", "cut", "copy", "duplicate", "|", "delete"],
  link: ["link-insert", "bend-add", "bend-remove", "bend-clear", "|", "delete"],
};

export function entries(view: GraphView, kind: MenuRequest["kind"]): Entry[] {
  const found = NAMES[kind].map((name): Entry | null => (name === "|" ? "line" : name.startsWith("=") ? strip(view, name) : view.acts.item(name)));
  const present = found.filter((entry) => entry !== null);
  return present.some((entry) => entry !== "line") ? present : [nothing()];
}

const STRIPS: Record<string, { label: () => string; names: string[] }> = {
  "=align": { label: () => t("Align"), names: ["align-left", "align-centre", "align-right", "align-top", "align-middle", "align-bottom", "distribute-across", "distribute-down"] },
  "=colour": { label: () => t("Colour"), names: ["grey", "blue", "green", "yellow", "orange", "red", "pink", "purple"].map((name) => `colour-${name}`) },
};

function strip(view: GraphView, name: string): Row | null {
  const { label, names } = STRIPS[name]!;
  const items = names.map((each) => view.acts.item(each)).filter((item) => item !== null);
  return items.length ? { row: label(), items } : null;
}

function nothing(): Item {
  return { name: "nothing", label: t("Nothing can be changed here"), disabled: true, run: () => undefined };
}
