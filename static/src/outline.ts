/** The graph as a list: nodes in the order they run, with state, problems and links; the selection is shared. */
import { Card } from "./card.ts";
import { kindWords, linkWords, troubleWords } from "./describe.ts";
import { chooseSocket } from "./joining.ts";
import { runOrder } from "./order.ts";
import { statusSign, statusWords } from "./paint-status.ts";
import { element } from "./popup.ts";
import type { LinkSpec } from "./types.ts";
import type { GraphView } from "./view.ts";
import { n, t } from "./words.ts";

const SHOWN = 200;

export class Outline {
  private readonly view: GraphView;
  private readonly opener = element("button", "sakuga-list-open");
  private readonly panel = element("section", "sakuga-list");
  private readonly search = element("input", "find");
  private readonly list = element("ul");
  private waiting = 0;

  constructor(view: GraphView) {
    this.view = view;
    this.opener.type = "button";
    this.opener.append(sign(), element("span", "", t("List")));
    this.opener.setAttribute("aria-expanded", "false");
    this.opener.setAttribute("aria-label", t("Show the nodes as a list"));
    this.opener.title = t("Show the nodes as a list");
    this.opener.addEventListener("click", () => this.toggle());
    this.panel.setAttribute("aria-label", t("Nodes as a list"));
    this.panel.hidden = true;
    this.search.type = "search";
    this.search.placeholder = t("Search nodes");
    this.search.setAttribute("aria-label", t("Search nodes"));
    this.search.addEventListener("input", () => this.draw());
    this.panel.append(this.head(), this.search, this.list);
    for (const name of ["pointerdown", "pointermove", "pointerup", "wheel", "contextmenu"]) this.panel.addEventListener(name, (event) => event.stopPropagation());
    this.panel.addEventListener("keydown", (event) => this.key(event));
    view.chrome.frame.append(this.opener, this.panel);
  }

  toggle(): void {
    this.panel.hidden = !this.panel.hidden;
    this.opener.hidden = !this.panel.hidden;
    this.opener.setAttribute("aria-expanded", String(!this.panel.hidden));
    if (this.panel.hidden) return this.opener.focus();
    this.draw();
    (this.list.querySelector<HTMLElement>("[aria-current=true]") ?? this.list.querySelector("button") ?? this.search).focus();
  }

  /** Something changed; drawn once, soon. */
  refresh(): void {
    if (this.panel.hidden || this.waiting) return;
    this.waiting = window.setTimeout(() => this.draw(), 80);
  }

  /** The state of these nodes changed. */
  restate(ids: Iterable<string>): void {
    if (this.panel.hidden) return;
    for (const id of ids) {
      const place = this.list.querySelector(`[data-node="${CSS.escape(id)}"] .state`);
      const card = this.view.model.cards.get(id);
      if (place && card) place.replaceWith(this.state(card));
    }
  }

  private head(): HTMLElement {
    const head = element("div", "head");
    const close = element("button", "", "✕");
    close.type = "button";
    close.setAttribute("aria-label", t("Close the list"));
    close.addEventListener("click", () => this.toggle());
    head.append(element("h2", "", t("Nodes in the order they run")), close);
    return head;
  }

  private draw(): void {
    clearTimeout(this.waiting);
    this.waiting = 0;
    const had = this.panel.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.at : undefined;
    const wanted = this.search.value.trim().toLocaleLowerCase();
    const all = runOrder(this.view.model).filter((card) => `${card.label} ${card.kind?.title ?? card.type}`.toLocaleLowerCase().includes(wanted));
    const rows = all.slice(0, SHOWN).map((card, i) => this.row(card, i + 1));
    if (!all.length) rows.push(element("li", "none", wanted ? t("No node is called like that") : t("There are no nodes yet")));
    if (all.length > SHOWN) rows.push(element("li", "none", n("and {count} more: search for it", "and {count} more: search for them", all.length - SHOWN)));
    this.list.replaceChildren(...rows);
    if (had) this.list.querySelector<HTMLElement>(`[data-at="${CSS.escape(had)}"]`)?.focus();
  }

  private row(card: Card, place: number): HTMLElement {
    const row = element("li");
    row.dataset.node = card.key;
    const chosen = this.view.surface.selectedItems.has(card);
    const main = element("button", "node");
    main.type = "button";
    main.dataset.at = card.key;
    main.setAttribute("aria-current", String(chosen));
    main.setAttribute("aria-expanded", String(chosen));
    main.append(element("span", "place", String(place)), element("span", "name", card.label), element("span", "kind", kindWords(card)), this.state(card), this.trouble(card));
    main.addEventListener("click", () => this.view.focusNode(card.key, false));
    row.append(main);
    if (chosen) row.append(this.links(card), this.acts(card));
    return row;
  }

  private state(card: Card): HTMLElement {
    const run = this.view.runs.get(card.key);
    const made = element("span", `state ${run?.state ?? ""}`, run ? `${statusSign(run.state)} ${statusWords(run)}` : "");
    if (run) made.style.color = this.view.theme.states[run.state] ?? "";
    return made;
  }

  private trouble(card: Card): HTMLElement {
    const words = troubleWords(this.view, card);
    return element("span", this.view.problems.get(card.key)?.errors ? "trouble error" : "trouble", words && `⚠ ${words}`);
  }

  private links(card: Card): HTMLElement {
    const list = element("ul", "links");
    for (const link of linksOf(this.view, card)) {
      const words = linkWords(this.view.model, link.spec);
      const outgoing = link.spec.from[0] === card.key;
      const text = outgoing ? t("{output} → {input} of {to}", words) : t("{input} ← {output} of {from}", words);
      const item = element("li", "", text);
      if (!this.view.locked) item.append(this.button("✕", t("Remove the link from {from} to {to}", words), `${card.key} ${link.id}`, () => this.cut(link.id)));
      list.append(item);
    }
    return list;
  }

  private acts(card: Card): HTMLElement {
    const bar = element("div", "acts");
    const { view } = this;
    bar.append(this.button(t("Settings"), "", `${card.key} settings`, () => view.open(card)));
    if (view.locked) return bar;
    bar.append(
      this.button(t("Rename"), "", `${card.key} rename`, () => this.rename(card, bar)),
      this.button(t("Link"), "", `${card.key} link`, () => chooseSocket(view, card)),
      this.button(n("Delete", "Delete all {count}", 1), "", `${card.key} delete`, () => this.remove(card)),
    );
    return bar;
  }

  private button(text: string, label: string, at: string, run: () => void): HTMLButtonElement {
    const made = element("button", "act", text);
    made.type = "button";
    made.dataset.at = at;
    if (label) made.setAttribute("aria-label", label);
    made.addEventListener("click", run);
    return made;
  }

  private rename(card: Card, bar: HTMLElement): void {
    const field = element("input", "rename");
    field.value = card.label;
    field.maxLength = 200;
    field.setAttribute("aria-label", t("Name of {node}", { node: card.label }));
    let open = true;
    const done = (keep: boolean): void => {
      if (!open) return;
      open = false;
      if (keep && field.value !== card.label) this.view.model.setSettings(card.key, null, field.value.trim());
      this.view.flush();
      this.draw();
      this.list.querySelector<HTMLElement>(`[data-at="${CSS.escape(card.key)}"]`)?.focus();
    };
    field.addEventListener("blur", () => done(true));
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") done(event.key === "Enter");
    });
    bar.replaceChildren(field);
    field.focus();
    field.select();
  }

  private cut(link: number): void {
    this.view.flush();
    this.view.model.graph.removeLink(link);
    this.view.flush();
  }

  private remove(card: Card): void {
    const rows = [...this.list.querySelectorAll<HTMLElement>("button.node")];
    const place = rows.findIndex((row) => row.dataset.at === card.key);
    this.view.select([card.key]);
    this.view.deleteSelection();
    this.draw();
    const left = this.list.querySelectorAll<HTMLElement>("button.node");
    (left[Math.min(place, left.length - 1)] ?? this.search).focus();
  }

  /** Up and down go from node to node; Escape goes back to the canvas. */
  private key(event: KeyboardEvent): void {
    const rows = [...this.list.querySelectorAll<HTMLElement>("button.node")];
    const now = rows.indexOf((document.activeElement as HTMLElement).closest("li[data-node]")?.querySelector("button.node") as HTMLElement);
    const to = { ArrowDown: rows[now + 1], ArrowUp: rows[now - 1], Home: rows[0], End: rows.at(-1) }[event.key];
    if (event.key === "Escape") this.toggle();
    else if (to && event.target !== this.search) to.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function linksOf(view: GraphView, card: Card): { id: number; spec: LinkSpec }[] {
  const ids = [...card.ins.map((slot) => slot.link), ...card.outs.flatMap((slot) => slot.links ?? [])];
  const links = ids.map((id) => (id == null ? undefined : view.model.graph._links.get(id))).filter((link) => link !== undefined);
  return links.map((link) => ({ id: link.id, spec: view.model.spec(link) })).filter((each): each is { id: number; spec: LinkSpec } => each.spec !== null);
}

function sign(): HTMLElement {
  const made = element("span", "sign", "☰");
  made.setAttribute("aria-hidden", "true");
  return made;
}
