/** Acts that change the document; each is one step of undo. */
import type { Act } from "./acts.ts";
import { Card } from "./card.ts";
import { Frame, Note } from "./note.ts";
import { n, t } from "./words.ts";

const anything: NonNullable<Act["can"]> = (view) => view.surface.selectedItems.size > 0;
const cards: NonNullable<Act["can"]> = (view) => view.chosen(Card).length > 0;
const picked: NonNullable<Act["can"]> = (view) => view.surface.pickedLink !== null;

function linked(view: Parameters<Act["run"]>[0]): Card[] {
  return view.chosen(Card).filter((card) => card.ins.some((slot) => slot.link != null) || card.outs.some((slot) => slot.links?.length));
}

export const EDITING: Act[] = [
  { name: "undo", label: () => t("Undo"), keys: "mod+z", icon: "undo", can: (view) => view.editor.undoable.undo, run: (view) => view.undo() },
  { name: "redo", label: () => t("Redo"), keys: "mod+y", icon: "redo", can: (view) => view.editor.undoable.redo, run: (view) => view.redo() },
  { name: "add-node", label: () => t("Add a node"), keys: "a", icon: "add_box", run: (view) => view.pops.quickAdd() },
  { name: "add-note", label: () => t("Add a note"), keys: "n", icon: "sticky_note_2", run: (view) => view.pops.note() },
  { name: "group", label: () => t("Group"), keys: "mod+g", icon: "select_all", can: (view) => cards(view) || view.chosen(Note).length > 0, run: (view) => view.pops.newGroup() },
  { name: "cut", label: () => t("Cut"), keys: "mod+x", icon: "content_cut", can: anything, run: (view) => void view.commands.cut() },
  { name: "paste", label: () => t("Paste"), keys: "mod+v", icon: "content_paste", run: (view) => void view.commands.fromClipboard() },
  { name: "duplicate", label: () => t("Duplicate"), keys: "mod+d", icon: "control_point_duplicate", can: anything, run: (view) => view.commands.duplicate() },
  {
    name: "delete",
    label: (view) => (view.chosen(Frame).length ? t("Delete with what is inside") : n("Delete", "Delete all {count}", Math.max(1, view.surface.selectedItems.size))),
    keys: "delete",
    icon: "delete",
    danger: true,
    can: (view) => anything(view) || picked(view),
    run: (view) => view.deleteSelection(),
  },
  {
    name: "disconnect",
    label: () => t("Remove its links"),
    icon: "link_off",
    can: (view) => linked(view).length > 0,
    run: (view) => {
      for (const card of linked(view)) {
        for (const i of card.ins.keys()) card.disconnectInput(i);
        for (const i of card.outs.keys()) card.disconnectOutput(i);
      }
    },
  },
  { name: "link-insert", label: () => t("Insert a node"), icon: "add_box", can: picked, run: (view) => view.pops.insertInLink(view.surface.pickedLink!) },
  { name: "edit-note", label: () => t("Write"), icon: "edit", can: (view) => view.chosen(Note).length === 1, run: (view) => view.open(view.chosen(Note)[0]!) },
  {
    name: "ungroup",
    label: () => t("Remove the group, keep what is inside"),
    icon: "layers_clear",
    can: (view) => view.chosen(Frame).length > 0,
    run: (view) => {
      for (const frame of view.chosen(Frame)) view.model.graph.remove(frame);
    },
  },
  ...(["run-to", "run-from", "fold", "unfold"] as const).map((name): Act => ({
    name,
    label: () => ({ "run-to": t("Run to here"), "run-from": t("Run from here"), fold: t("Make a workflow of these"), unfold: t("Unfold the workflow") })[name],
    ...(name === "run-to" ? { keys: "shift+r" } : name === "run-from" ? { keys: "r" } : {}),
    icon: { "run-to": "play_arrow", "run-from": "start", fold: "unfold_less", unfold: "unfold_more" }[name],
    can: (view) => view.asks.has(name) && asked(view.chosen(Card), name),
    run: (view) => view.options.onAsk?.({ name, ids: view.selection().ids }),
  })),
];

function asked(chosen: Card[], name: string): boolean {
  if (name === "fold") return chosen.length > 1;
  if (name === "unfold") return chosen.length === 1 && chosen[0]!.type === "subworkflow";
  return chosen.length === 1 && chosen[0]!.type !== "webhook_input";
}
