/** A searchable list at the pointer: type, arrows, Enter. */
import { type Offer, searched } from "./offers.ts";
import { element, glyph, Popup } from "./popup.ts";
import { groupColor, type ThemeName } from "./theme.ts";
import { n, t } from "./words.ts";

export interface Question {
  title: string;
  offers: Offer[];
  icons: boolean;
  theme: ThemeName;
  pick(offer: Offer): void;
}

let serial = 0;

export class QuickAdd {
  private readonly popup: Popup;
  private readonly question: Question;
  private readonly field = document.createElement("input");
  private readonly list = element("div", "list");
  private readonly said = element("div", "unseen");
  private readonly id = `sakuga-quick-${(serial += 1)}`;
  private found: Offer[] = [];
  private at = 0;

  constructor(popup: Popup, question: Question) {
    this.popup = popup;
    this.question = question;
    const { box } = popup;
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", question.title);
    this.dressField();
    this.list.id = this.id;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", question.title);
    this.said.setAttribute("role", "status");
    box.append(element("div", "head", question.title), this.field, this.list, this.said);
    this.draw();
  }

  show(x: number, y: number): void {
    this.popup.show(x, y);
    this.field.focus({ preventScroll: true });
  }

  private dressField(): void {
    const { field } = this;
    field.type = "text";
    field.placeholder = t("Search nodes");
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "true", "aria-autocomplete": "list", "aria-controls": this.id, "aria-label": t("Search nodes"), spellcheck: "false", autocomplete: "off" })) field.setAttribute(name, value);
    field.addEventListener("input", () => this.draw());
    field.addEventListener("keydown", (event) => this.key(event));
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const last = this.found.length - 1;
    const to = new Map([["ArrowDown", this.at === last ? 0 : this.at + 1], ["ArrowUp", this.at === 0 ? last : this.at - 1], ["PageDown", Math.min(last, this.at + 6)], ["PageUp", Math.max(0, this.at - 6)]]).get(event.key);
    if (to !== undefined) this.mark(to);
    else if (event.key === "Enter") this.pick(this.at);
    else if (event.key !== "Tab") return;
    event.preventDefault();
  }

  private draw(): void {
    this.found = searched(this.question.offers, this.field.value);
    const rows = this.found.map((offer, i) => this.row(offer, i));
    const none = element("div", "none", t("Nothing fits here. Try another word."));
    this.list.replaceChildren(...(rows.length ? rows : [none]));
    this.said.textContent = n("{count} node type", "{count} node types", rows.length);
    this.mark(0);
  }

  private row({ type, socket }: Offer, index: number): HTMLElement {
    const row = element("div", "row");
    row.id = `${this.id}-${index}`;
    row.setAttribute("role", "option");
    row.dataset.kind = type.type;
    row.title = type.description.split("\n")[0]!;
    const icon = glyph(type.icon, this.question.icons);
    icon.style.color = groupColor(type.group, this.question.theme);
    row.append(icon, element("span", "name", type.title), element("span", "side", socket ? `→ ${socket}` : type.group));
    row.addEventListener("pointermove", () => this.at !== index && this.mark(index, false));
    row.addEventListener("click", () => this.pick(index));
    return row;
  }

  private mark(index: number, scroll = true): void {
    this.at = Math.max(0, Math.min(index, this.found.length - 1));
    for (const [i, row] of [...this.list.children].entries()) {
      row.setAttribute("aria-selected", String(i === this.at && this.found.length > 0));
      if (i === this.at && scroll) row.scrollIntoView({ block: "nearest" });
    }
    this.field.setAttribute("aria-activedescendant", this.found.length ? `${this.id}-${this.at}` : "");
  }

  private pick(index: number): void {
    const offer = this.found[index];
    if (!offer) return;
    this.popup.close("done");
    this.question.pick(offer);
  }
}
