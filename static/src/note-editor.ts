/** Writing on a sticky note: a text field laid over it. */
import type { Note } from "./note.ts";
import type { Surface } from "./surface.ts";
import { t } from "./words.ts";

export function editNote(surface: Surface, host: HTMLElement, note: Note, done: (text: string) => void): void {
  const field = document.createElement("textarea");
  field.className = "sakuga-note";
  field.value = note.spec.text;
  field.setAttribute("aria-label", t("Note"));
  const scale = surface.ds.scale;
  const [x, y] = surface.ds.convertOffsetToCanvas([note.pos[0]!, note.pos[1]!]);
  Object.assign(field.style, {
    left: `${x}px`,
    top: `${y}px`,
    width: `${Math.max(160, note.size[0]! * scale)}px`,
    height: `${Math.max(80, note.size[1]! * scale)}px`,
    fontSize: `${Math.max(12, 12 * scale)}px`,
  });
  let open = true;
  const close = (keep: boolean): void => {
    if (!open) return;
    open = false;
    field.remove();
    surface.canvas.focus();
    if (keep && field.value !== note.spec.text) done(field.value);
  };
  field.addEventListener("blur", () => close(true));
  field.addEventListener("wheel", () => close(true));
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") close(false);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) close(true);
  });
  host.append(field);
  field.focus();
}
