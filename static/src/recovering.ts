/** Bringing back what an earlier page could not save. */
import type { Snapshot } from "./history.ts";
import type { Journal } from "./journal.ts";
import type { GraphView } from "./view.ts";
import { t } from "./words.ts";

/** Lays it over the document as one gesture; true when that changed anything. */
export function recover(view: GraphView, journal: Journal): boolean {
  if (view.locked) return false;
  const snapshot = left(view, journal);
  if (!snapshot) return false;
  view.model.restore(snapshot);
  const changed = view.editor.flush("");
  journal.done();
  view.surface.redraw();
  if (changed) view.reach.say(t("Changes that had not been saved are back"));
  return changed;
}

/** Storage of a page can be anything: what cannot be read must not keep the graph shut. */
function left(view: GraphView, journal: Journal): Snapshot | null {
  try {
    return journal.recovered(view.model.snapshot());
  } catch {
    journal.done();
    return null;
  }
}

/** While the server cannot be heard, forms that need it hold still; the canvas goes on. */
export function pauseForms(off: boolean): void {
  for (const form of document.querySelectorAll<HTMLElement>(".sk-inspector")) form.inert = off;
}
