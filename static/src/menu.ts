/** The context menu: text, icons and keys; arrows, letters and Enter work as in every menu. */
import { element, glyph, type Popup } from "./popup.ts";

export interface Item {
  name: string;
  label: string;
  keys?: string;
  icon?: string;
  danger?: boolean;
  color?: string;
  checked?: boolean;
  disabled?: boolean;
  /** Why it cannot be chosen: it can still be reached, to hear or read the reason. */
  why?: string;
  run(): void;
}

/** Buttons side by side, without words but with names: colours, alignments. */
export interface Row {
  row: string;
  items: Item[];
}

export type Entry = Item | Row | "line";

export class Menu {
  private readonly popup: Popup;
  private readonly icons: boolean;
  private stops: HTMLElement[] = [];

  constructor(popup: Popup, label: string, entries: Entry[], icons: boolean) {
    this.popup = popup;
    this.icons = icons;
    const { box } = popup;
    box.setAttribute("role", "menu");
    box.setAttribute("aria-label", label);
    box.tabIndex = -1;
    for (const entry of tidy(entries)) box.append(entry === "line" ? line() : "row" in entry ? this.row(entry) : this.item(entry));
    this.stops = [...box.querySelectorAll<HTMLElement>("[role^=menuitem]:not([aria-disabled=true]), .why")];
    box.addEventListener("keydown", (event) => this.key(event));
  }

  show(x: number, y: number): void {
    this.popup.show(x, y);
    this.stops[0]?.focus({ preventScroll: true });
  }

  private item(item: Item): HTMLElement {
    const made = this.button(item, "item");
    made.append(item.checked ? glyph("check", this.icons) : glyph(item.icon, this.icons), element("span", "name", item.label));
    if (item.keys) made.append(element("span", "side", item.keys));
    if (item.why) made.append(element("span", "reason", item.why));
    return made;
  }

  private row({ row, items }: Row): HTMLElement {
    const made = element("div", "strip");
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", row);
    for (const item of items) {
      const button = this.button(item, item.color ? "swatch" : "tool");
      button.setAttribute("aria-label", item.label);
      button.title = item.label;
      if (item.color) button.style.setProperty("--swatch", item.color);
      else button.append(glyph(item.icon, this.icons));
      made.append(button);
    }
    return made;
  }

  private button(item: Item, kind: string): HTMLElement {
    const made = element("div", `${kind}${item.danger ? " danger" : ""}`);
    made.setAttribute("role", item.checked === undefined ? "menuitem" : "menuitemcheckbox");
    if (item.checked !== undefined) made.setAttribute("aria-checked", String(item.checked));
    made.dataset.act = item.name;
    if (item.disabled || item.why) made.setAttribute("aria-disabled", "true");
    if (item.why) {
      made.classList.add("why");
      made.tabIndex = -1;
    } else if (!item.disabled) {
      made.tabIndex = -1;
      made.addEventListener("pointermove", () => made !== document.activeElement && made.focus({ preventScroll: true }));
      made.addEventListener("click", () => {
        this.popup.close("done");
        item.run();
      });
    }
    return made;
  }

  private key(event: KeyboardEvent): void {
    const now = this.stops.indexOf(document.activeElement as HTMLElement);
    const jump = this.target(event.key, now);
    if (jump !== null) this.stops[jump]?.focus();
    else if (event.key === "Enter" || event.key === " ") this.stops[now]?.click();
    else if (event.key === "Tab") this.popup.close("escape");
    else return;
    event.preventDefault();
  }

  private target(key: string, now: number): number | null {
    const last = this.stops.length - 1;
    if (key === "ArrowDown" || key === "ArrowRight") return now === last ? 0 : now + 1;
    if (key === "ArrowUp" || key === "ArrowLeft") return now <= 0 ? last : now - 1;
    if (key === "Home") return 0;
    if (key === "End") return last;
    if (key.length !== 1 || key === " ") return null;
    const begins = (stop: HTMLElement) => (stop.querySelector(".name")?.textContent ?? "").toLocaleLowerCase().startsWith(key.toLocaleLowerCase());
    const after = [...this.stops.slice(now + 1), ...this.stops.slice(0, now + 1)].find(begins);
    return after ? this.stops.indexOf(after) : null;
  }
}

function line(): HTMLElement {
  const made = element("div", "line");
  made.setAttribute("role", "separator");
  return made;
}

/** No line first, last or beside another one. */
function tidy(entries: Entry[]): Entry[] {
  return entries.filter((entry, i) => entry !== "line" || (i > 0 && i < entries.length - 1 && entries[i - 1] !== "line"));
}
