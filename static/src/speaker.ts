/** Says in words what happened on the canvas, through a live region. */
import type { GraphView } from "./view.ts";
import { linkWords } from "./describe.ts";
import type { Patch } from "./types.ts";
import { n, t } from "./words.ts";

export class Speaker {
  private readonly view: GraphView;
  private readonly region = document.createElement("div");
  private readonly known = new Map<string, { title: string; position: string }>();
  private pending: string[] = [];

  constructor(view: GraphView) {
    this.view = view;
    this.region.className = "sakuga-unseen";
    this.region.setAttribute("role", "log");
    this.region.setAttribute("aria-live", "polite");
    this.region.setAttribute("aria-label", t("What happened on the canvas"));
    view.chrome.frame.append(this.region);
  }

  /** Things said in one go are one message: a second would cut the first off. */
  say(text: string): void {
    if (!text) return;
    this.pending.push(text);
    if (this.pending.length > 1) return;
    setTimeout(() => {
      const line = document.createElement("p");
      line.textContent = this.pending.join(". ");
      this.pending = [];
      this.region.append(line);
      while (this.region.children.length > 5) this.region.firstChild?.remove();
    }, 60);
  }

  /** A new document: nothing in it is news. */
  reset(): void {
    this.known.clear();
    this.learn();
  }

  told(patch: Patch): void {
    const { cards } = this.view.model;
    const name = (id: string) => this.known.get(id)?.title ?? cards.get(id)?.label ?? id;
    const fresh = patch.nodes.filter(({ id }) => !this.known.has(id)).map(({ id }) => name(id));
    const moved = patch.nodes.filter(({ id, position }) => this.known.has(id) && this.known.get(id)!.position !== String(position)).map(({ id }) => name(id));
    const gone = patch.removed_nodes.map(name);
    this.count(fresh, (node) => t("{node} added", { node }), (count) => n("{count} node added", "{count} nodes added", count));
    this.count(gone, (node) => t("{node} deleted", { node }), (count) => n("{count} node deleted", "{count} nodes deleted", count));
    this.count(moved, (node) => t("{node} moved", { node }), (count) => n("{count} node moved", "{count} nodes moved", count));
    const links = patch.links.map((link) => t("{output} of {from} linked to {input} of {to}", linkWords(this.view.model, link)));
    if (!fresh.length || links.length < 3) this.count(links, (text) => text, (count) => n("{count} link made", "{count} links made", count));
    const cut = gone.length ? [] : patch.removed_links.map((link) => t("Link from {from} to {to} removed", linkWords(this.view.model, link)));
    this.count(cut, (text) => text, (count) => n("{count} link removed", "{count} links removed", count));
    this.learn(patch);
  }

  private count(names: string[], one: (name: string) => string, many: (count: number) => string): void {
    if (names.length) this.say(names.length === 1 ? one(names[0]!) : many(names.length));
  }

  private learn(patch?: Patch): void {
    for (const id of patch?.removed_nodes ?? []) this.known.delete(id);
    const { cards } = this.view.model;
    const ids = patch ? patch.nodes.map(({ id }) => id) : [...cards.keys()];
    for (const id of ids) {
      const card = cards.get(id);
      if (card) this.known.set(id, { title: card.label, position: String(card.current().position) });
    }
  }
}
