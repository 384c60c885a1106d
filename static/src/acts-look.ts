/** Acts that change nothing in the document. */
import type { Act } from "./acts.ts";
import { Card } from "./card.ts";
import { Frame, Note } from "./note.ts";
import { t } from "./words.ts";

const anything: NonNullable<Act["can"]> = (view) => view.surface.selectedItems.size > 0;
const oneCard: NonNullable<Act["can"]> = (view) => view.chosen(Card).length === 1;

export const LOOKING: Act[] = [
  { name: "copy", label: () => t("Copy"), keys: "mod+c", icon: "content_copy", looks: true, can: anything, run: (view) => void view.commands.toClipboard() },
  { name: "select-all", label: () => t("Select everything"), keys: "mod+a", icon: "select_all", looks: true, can: (view) => view.model.cards.size + view.model.notes.size > 0, run: (view) => view.commands.selectAll() },
  { name: "fit", label: () => t("Show everything"), keys: "f", icon: "fit_screen", looks: true, run: (view) => view.fit() },
  { name: "zoom-selection", label: () => t("Zoom to the selection"), keys: "shift+f", icon: "center_focus_strong", looks: true, can: anything, run: (view) => view.zoomToSelection() },
  { name: "settings", label: () => t("Settings"), icon: "tune", looks: true, can: oneCard, run: (view) => view.options.onOpen?.(view.chosen(Card)[0]!.key) },
  {
    name: "select-inside",
    label: () => t("Select what is inside"),
    icon: "select_all",
    looks: true,
    can: (view) => view.chosen(Frame).length === 1,
    run: (view) => {
      const frame = view.chosen(Frame)[0]!;
      frame.recomputeInsideNodes();
      view.surface.selectItems([...frame.children].filter((item) => item instanceof Card || item instanceof Note || item instanceof Frame));
    },
  },
];
