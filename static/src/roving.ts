/** Which node has the keyboard: arrows go along links and over the board, Enter opens, C links, Ctrl Space picks. */
import { Card } from "./card.ts";
import { centre } from "./camera.ts";
import { itemWords } from "./describe.ts";
import { Note } from "./note.ts";
import { runOrder } from "./order.ts";
import type { GraphView } from "./view.ts";
import { n, t } from "./words.ts";

export type Way = "left" | "right" | "up" | "down";
type Item = Card | Note;

const VECTORS: Record<Way, [number, number]> = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

export class Roving {
  private readonly view: GraphView;
  private item: Item | null = null;
  /** True while the keyboard is in something that belongs to the canvas, as its menu. */
  private near = false;

  constructor(view: GraphView) {
    this.view = view;
    const { board } = view.chrome;
    board.addEventListener("focus", () => this.entered());
    board.addEventListener("blur", (event) => {
      this.near = event.relatedTarget instanceof Node && view.chrome.frame.contains(event.relatedTarget);
      view.surface.redraw();
    });
    board.addEventListener("pointerdown", () => (this.item = null));
  }

  /** What the keyboard acts on: what it went to, else what is selected. */
  get at(): Item | null {
    if (this.item?.graph) return this.item;
    const [chosen] = [...this.view.chosen(Card), ...this.view.chosen(Note)];
    return chosen ?? null;
  }

  /** Shown as a ring, only while the canvas has the keyboard and was reached by it. */
  get ringed(): Item | null {
    return this.view.element.matches(":focus-visible") ? this.at : null;
  }

  /** One step: along a link where there is one, else to what lies there; `pick` selects it. */
  go(way: Way, along: boolean): void {
    const from = this.at;
    if (!from) return this.first();
    const next = (along && from instanceof Card ? this.linked(from, way) : null) ?? this.beside(from, way);
    if (next) this.move(next, along);
    else this.view.reach.say(t("Nothing there"));
  }

  first(): void {
    const [card] = runOrder(this.view.model);
    const item = card ?? [...this.view.model.notes.values()][0];
    if (item) this.move(item, true);
  }

  /** To a node, wherever it lies. */
  move(item: Item, pick: boolean): void {
    this.item = item;
    const { view } = this;
    if (pick) view.surface.selectItems([item]);
    this.bring(item);
    view.reach.say(itemWords(view, item));
    view.surface.redraw();
  }

  open(): void {
    const item = this.at;
    if (item && !this.view.surface.selectedItems.has(item)) this.view.surface.selectItems([item]);
    if (item) this.view.open(item);
  }

  /** Adds the node to the selection, or takes it out. */
  toggle(): void {
    const { surface } = this.view;
    const item = this.at;
    if (!item) return;
    this.item = item;
    if (surface.selectedItems.has(item)) surface.deselect(item);
    else surface.select(item);
    surface.onSelectionChange?.(surface.selected_nodes);
    surface.redraw();
    this.view.reach.say(n("{count} selected", "{count} selected", surface.selectedItems.size));
  }

  /** After a deletion the keyboard stays nearby. */
  leave(): () => void {
    const near = this.at && [...this.others(this.at)].filter((item) => !this.view.surface.selectedItems.has(item));
    const place = this.at?.pos;
    return () => {
      const left = (near ?? []).filter(({ graph }) => graph);
      this.item = place ? (nearest(left, place) ?? null) : null;
    };
  }

  private entered(): void {
    const { view } = this;
    view.surface.redraw();
    if (this.near || !view.element.matches(":focus-visible")) return;
    const { size } = view.model.cards;
    const where = this.at;
    view.reach.say(n("Canvas with {count} node", "Canvas with {count} nodes", size));
    if (where) view.reach.say(itemWords(view, where));
    else if (size) view.reach.say(t("Arrow keys go from node to node"));
  }

  private linked(card: Card, way: Way): Card | null {
    if (way === "up" || way === "down") return null;
    const { graph } = this.view.model;
    const ids = way === "right" ? card.outs.flatMap((slot) => slot.links ?? []) : card.ins.map((slot) => slot.link);
    const found = ids.map((id) => (id == null ? undefined : graph._links.get(id))).map((link) => link && graph.getNodeById(way === "right" ? link.target_id : link.origin_id));
    return nearest(found.filter((each) => each instanceof Card), card.pos) ?? null;
  }

  /** The nearest in a direction; what lies far to the side of it counts as farther. */
  private beside(from: Item, way: Way): Item | null {
    const [dx, dy] = VECTORS[way];
    let best: Item | null = null;
    let least = Infinity;
    for (const item of this.others(from)) {
      const [x, y] = [middle(item, 0) - middle(from, 0), middle(item, 1) - middle(from, 1)];
      const ahead = x * dx + y * dy;
      const aside = Math.abs(x * dy) + Math.abs(y * dx);
      if (ahead <= 1 || aside > ahead * 4) continue;
      const far = ahead + 2 * aside;
      if (far < least) [best, least] = [item, far];
    }
    return best;
  }

  private *others(from: Item): Iterable<Item> {
    for (const item of this.view.model.cards.values()) if (item !== from) yield item;
    for (const item of this.view.model.notes.values()) if (item !== from) yield item;
  }

  /** Into view, when it is not there already. */
  private bring(item: Item): void {
    const { surface, chrome } = this.view;
    const [x, y] = surface.ds.convertOffsetToCanvas([item.pos[0]!, item.pos[1]!]) as [number, number];
    const [w, h] = [item.size[0]! * surface.ds.scale, item.size[1]! * surface.ds.scale];
    if (x < 0 || y < 0 || x + w > chrome.width || y + h > chrome.height) centre(surface, item, chrome.width, chrome.height);
  }
}

function middle(item: Item, axis: 0 | 1): number {
  return item.pos[axis]! + item.size[axis]! / 2;
}

function nearest<T extends Item>(items: T[], to: ArrayLike<number>): T | undefined {
  const far = ({ pos }: Item) => Math.hypot(pos[0]! - to[0]!, pos[1]! - to[1]!);
  return items.reduce<T | undefined>((best, each) => (!best || far(each) < far(best) ? each : best), undefined);
}
