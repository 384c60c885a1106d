/** Title, description and colour of a group, in a small form beside it. */
import { element, type Popup } from "./popup.ts";
import type { GroupSpec } from "./types.ts";
import { t } from "./words.ts";

export type GroupWords = Pick<GroupSpec, "title"> & { description: string };

export function groupForm(popup: Popup, spec: GroupSpec, done: (words: GroupWords) => void): void {
  const { box } = popup;
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-label", t("Group##noun"));
  const title = field(box, "input", t("Title"), spec.title, 200);
  const about = field(box, "textarea", t("Description"), spec.description ?? "", 2_000);
  const save = element("button", "offer", t("Done"));
  save.type = "button";
  box.append(save);
  const finish = (): void => {
    popup.close("done");
    done({ title: title.value.trim(), description: about.value.trim() });
  };
  save.addEventListener("click", finish);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.key !== "Enter") return;
    if (event.target === about && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    finish();
  });
}

function field<K extends "input" | "textarea">(box: HTMLElement, tag: K, label: string, value: string, limit: number): HTMLElementTagNameMap[K] {
  const line = element("label", "field");
  const made = document.createElement(tag);
  made.value = value;
  made.maxLength = limit;
  line.append(element("span", "", label), made);
  box.append(line);
  return made;
}
