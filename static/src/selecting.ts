/** What is selected after the document changed by itself. */
import { removeBend } from "./bending.ts";
import type { GraphView } from "./view.ts";

type Thing = { key: string };

function present({ model }: GraphView): Set<Thing> {
  return new Set<Thing>([...model.cards.values(), ...model.notes.values(), ...model.frames.values()]);
}

/** Steps through time: what stays keeps its selection and pictures, what comes back is selected. */
export function travel(view: GraphView, step: () => boolean): boolean {
  const before = present(view);
  if (view.locked || !step()) return false;
  const back = [...present(view)].filter((item) => !before.has(item));
  if (back.length) view.surface.selectItems(back as never[]);
  return true;
}

/** The selection with all that its groups hold. */
export function whole(view: GraphView): { ids: string[]; notes: string[]; groups: string[] } {
  const { model } = view;
  const inside = model.reach([...view.surface.selectedItems]);
  const keys = (store: ReadonlyMap<string, Thing>) => [...store].filter(([, item]) => inside.has(item)).map(([key]) => key);
  return { ids: keys(model.cards), notes: keys(model.notes), groups: keys(model.frames) };
}

/** The clicked point or link, or the selection with what its groups hold. */
export function deleteChosen({ surface, model }: GraphView): void {
  if (surface.pickedBend) removeBend(surface.pickedBend);
  else if (surface.pickedLink !== null) model.graph.removeLink(surface.pickedLink);
  else if (surface.selectedItems.size) {
    for (const item of model.reach([...surface.selectedItems])) surface.select(item as never);
    surface.deleteSelected();
  }
  surface.pickedLink = surface.pickedBend = null;
  surface.redraw();
}
