/** The boxes that open over the canvas: quick add, the context menu, a refusal with its repairs. */
import { type Bridge, bridges } from "./bridges.ts";
import type { Card } from "./card.ts";
import type { Drag } from "./linking.ts";
import { groupForm } from "./group-editor.ts";
import { Menu } from "./menu.ts";
import { entries } from "./menus.ts";
import type { Frame } from "./note.ts";
import { between, offers, type Offer, type Wanted } from "./offers.ts";
import type { Loose } from "./paint-loose.ts";
import { type Closed, Popup } from "./popup.ts";
import { QuickAdd } from "./quick-add.ts";
import { refusalBox } from "./refusal.ts";
import { typeWords } from "./typewords.ts";
import type { End, MenuRequest, Pair } from "./types.ts";
import type { GraphView } from "./view.ts";
import { t } from "./words.ts";

const MOST = 3;

export class Pops {
  private readonly view: GraphView;
  private now: Popup | null = null;

  constructor(view: GraphView) {
    this.view = view;
  }

  close(): void {
    this.now?.close("outside");
  }

  /** A searchable list of node types, where the pointer is or in the middle of the view. */
  quickAdd(at: Pair | null = null, drag: Drag | null = null): void {
    const { view } = this;
    if (view.locked) return;
    const frame = at ?? this.middle();
    const [x, y] = view.surface.ds.convertCanvasToOffset(frame) as Pair;
    const end: End | null = drag && [drag.card.key, drag.slot.name];
    const loose: Wanted | null = drag && { side: drag.seeks === "in" ? "from" : "to", type: drag.slot.spec.type };
    const title = !loose ? t("Add a node") : loose.side === "from" ? t("Add a node that takes {type}", { type: typeWords(loose.type) }) : t("Add a node that gives {type}", { type: typeWords(loose.type) });
    const pick = ({ type }: Offer): void => {
      const wish = !loose ? {} : loose.side === "from" ? { from: end } : { to: end };
      view.add.node(type.type, loose?.side === "to" ? x - 250 : x, y - 20, null, wish);
    };
    this.ask(title, offers(view.model.catalogue, loose), frame, pick, () => this.keep(null));
    if (drag) this.keep({ drag, end: [x, y] });
  }

  /** A wire that stays drawn while its list is open. */
  private keep(wire: Loose | null): void {
    this.view.surface.loose = wire;
    this.view.surface.redraw();
  }

  /** What can stand in the middle of a link. */
  insertInLink(id: number): void {
    const { view } = this;
    const link = view.model.graph._links.get(id);
    const spec = link && view.model.spec(link);
    const [from, to] = [spec && view.model.cards.get(spec.from[0]), spec && view.model.cards.get(spec.to[0])];
    if (!spec || !from || !to || !link) return;
    const [output, input] = [from.outs[link.origin_slot]!.spec.type, to.ins[link.target_slot]!.spec.type];
    this.ask(t("Insert a node"), between(view.model.catalogue, output, input), this.pointer(), ({ type }) => this.put(type.type, from, to, spec.from, spec.to));
  }

  /** Says why a link was refused, and offers what would make it possible. */
  refused(why: string, drag: Drag, card: Card, slots: { spec: { name: string; type: string } }[]): void {
    const { view } = this;
    const found = drag.moving.length || drag.blocked.has(card) ? [] : this.repairs(drag, card, slots);
    if (!found.length) return view.refuse(why);
    const popup = this.fresh("refusal");
    view.options.onRefused?.(why);
    view.chrome.tip.hide();
    refusalBox(popup, why, found.map(({ bridge }) => bridge), view.icons, (bridge) => {
      const hit = found.find((each) => each.bridge === bridge)!;
      this.put(bridge.type.type, hit.from, hit.to, hit.output, hit.input);
    });
    popup.show(view.pointer[0] + 10, view.pointer[1] + 14);
    popup.box.querySelector("button")?.focus({ preventScroll: true });
  }

  menu(kind: MenuRequest["kind"], at: Pair): void {
    const { view } = this;
    const popup = this.fresh("menu");
    view.chrome.tip.hide();
    new Menu(popup, t("What to do"), entries(view, kind), view.icons).show(at[0], at[1]);
  }

  /** A fresh note in the middle, with the keyboard in it. */
  note(): void {
    const { view } = this;
    const id = view.add.note();
    const note = id === null ? undefined : view.model.notes.get(id);
    if (note) view.open(note);
  }

  /** A group around the selection, and at once its title. */
  newGroup(): void {
    const id = this.view.add.group();
    const frame = id === null ? undefined : this.view.model.frames.get(id);
    if (!frame) return;
    this.view.surface.selectItems([frame]);
    this.group(frame);
  }

  /** The words of a group, to be changed. */
  group(frame: Frame): void {
    const { view } = this;
    if (view.locked) return;
    const popup = this.fresh("form");
    groupForm(popup, frame.spec, ({ title, description }) => {
      const { description: _, ...rest } = frame.current();
      frame.adopt({ ...rest, title, ...(description ? { description } : {}) });
      view.flush();
    });
    const [x, y] = view.surface.ds.convertOffsetToCanvas([frame.pos[0]!, frame.pos[1]!]) as Pair;
    popup.show(x, y);
    popup.box.querySelector("input")?.select();
  }

  fresh(kind: string, closed: Closed = () => undefined): Popup {
    this.close();
    const popup: Popup = new Popup(this.view.chrome.frame, this.view.element, kind, (by) => {
      if (this.now === popup) this.now = null;
      closed(by);
    });
    return (this.now = popup);
  }

  /** Where the pointer is when it is over the canvas, else the middle. */
  pointer(): Pair {
    const [x, y] = this.view.pointer;
    const { width, height } = this.view.chrome;
    return x > 0 && y > 0 && x < width && y < height ? [x, y] : this.middle();
  }

  private middle(): Pair {
    return [this.view.chrome.width / 2, this.view.chrome.height / 2];
  }

  private ask(title: string, found: Offer[], at: Pair, pick: (offer: Offer) => void, closed: Closed = () => undefined): void {
    const popup = this.fresh("quick", closed);
    this.view.chrome.tip.hide();
    new QuickAdd(popup, { title, offers: found, icons: this.view.icons, theme: this.view.theme.name, pick }).show(at[0], at[1]);
  }

  private repairs(drag: Drag, card: Card, slots: { spec: { name: string; type: string } }[]): { bridge: Bridge; from: Card; to: Card; output: End; input: End }[] {
    const { catalogue } = this.view.model;
    for (const slot of slots) {
      const [from, to] = drag.seeks === "in" ? [drag.card, card] : [card, drag.card];
      const [output, input] = drag.seeks === "in" ? [drag.slot.spec, slot.spec] : [slot.spec, drag.slot.spec];
      const found = bridges(catalogue, output.type, input.type).slice(0, MOST);
      if (found.length) return found.map((bridge) => ({ bridge, from, to, output: [from.key, output.name], input: [to.key, input.name] }));
    }
    return [];
  }

  /** A new node between two, wired on both sides. */
  private put(type: string, from: Card, to: Card, output: End, input: End): void {
    const x = (from.pos[0]! + from.size[0]! + to.pos[0]!) / 2 - 120;
    const y = (from.pos[1]! + to.pos[1]!) / 2 + (Math.abs(to.pos[0]! - from.pos[0]!) < 560 ? 160 : 0);
    this.view.add.node(type, x, y, null, { from: output, to: input });
  }
}

