/** The canvas as the page sees it: document in and out, run state, problems, events. */
import type { CanvasPointerEvent, LGraphNode, Positionable } from "@comfyorg/litegraph";
import { Acts } from "./acts.ts";
import { Adding } from "./adding.ts";
import { openMenu, openNode } from "./asked.ts";
import { type Bounds, bounds, centre, everything, firstLook, look } from "./camera.ts";
import { Card } from "./card.ts";
import { Catalogue } from "./catalogue.ts";
import { Chrome } from "./chrome.ts";
import { Commands } from "./commands.ts";
import { Editor } from "./editor.ts";
import { stopped } from "./follow.ts";
import { Images } from "./images.ts";
import { measureWith } from "./layout.ts";
import { listen } from "./listen.ts";
import type { Drag, Slot } from "./linking.ts";
import { mended } from "./mending.ts";
import { Minimap } from "./minimap.ts";
import { Model } from "./model.ts";
import { Frame, Note } from "./note.ts";
import { Pops } from "./pops.ts";
import { Problems } from "./problems.ts";
import { Reach } from "./reach.ts";
import { Runs } from "./runs.ts";
import { deleteChosen, travel } from "./selecting.ts";
import { type Stage, Surface } from "./surface.ts";
import { forgetText } from "./text.ts";
import { theme, type Theme, type ThemeName } from "./theme.ts";
import type { GraphDocument, Options, Pair, Payload, Place, Problem, RunStatus, Selection, Settings, Sockets } from "./types.ts";

// long enough for what one gesture sets off, short enough for the answer to seem to come at once
const DEBOUNCE_MS = 50;

export class GraphView implements Stage {
  readonly options: Options;
  readonly chrome: Chrome;
  readonly model: Model;
  readonly editor: Editor;
  readonly surface: Surface;
  readonly add = new Adding(this);
  readonly acts = new Acts(this);
  readonly pops = new Pops(this);
  readonly asks: ReadonlySet<string>;
  readonly commands = new Commands(this);
  readonly images = new Images(() => this.surface.redraw());
  readonly runs = new Runs((ids) => (this.surface.touch(ids), this.reach?.outline.restate(ids)));
  readonly problems = new Problems();
  theme: Theme;
  icons = false;
  locked: boolean;
  /** The pointer over the canvas, in CSS pixels. */
  pointer: Pair = [0, 0];
  readonly reach: Reach;
  private readonly host: HTMLElement;
  readonly minimap: Minimap;
  private readonly off = new AbortController();
  private timer = 0;
  private tag = "";
  private unseen = true;
  private told = "";
  private telling = false;
  private zoomed = 0;

  constructor(host: HTMLElement, options: Options) {
    this.host = host;
    this.options = options;
    this.asks = new Set(options.asks ?? []);
    this.locked = options.readOnly ?? false;
    this.theme = theme(options.theme ?? "dark", host);
    this.chrome = new Chrome(host, () => this.firstLook());
    this.chrome.dress(this.theme);
    measureWith(this.theme.font);
    this.model = new Model(new Catalogue(options.types, options.accepts));
    this.editor = new Editor(this.model, (patch, before) => (this.options.onChange?.(patch, before), this.reach.changed(patch)));
    this.surface = new Surface(this.chrome.board, this.model.graph, this);
    this.minimap = new Minimap(this);
    this.reach = new Reach(this, this.off.signal);
    listen(this, this.off.signal);
    this.chrome.hold(this.surface);
  }

  get element(): HTMLCanvasElement {
    return this.chrome.board;
  }

  /** Shows a document, with a first look unless `keepView`; true when it had to be mended. Raises DocumentError. */
  load(payload: Payload, keepView = false): boolean {
    clearTimeout(this.timer);
    this.chrome.tip.hide();
    this.surface.deselectAll();
    this.runs.clear();
    const shared = this.editor.load(payload);
    this.setProblems(payload.problems ?? []);
    if (!keepView) this.unseen = true;
    this.firstLook();
    this.after();
    this.surface.draw(true, true);
    this.reach.loaded();
    return mended(this, shared);
  }

  save(): GraphDocument {
    return this.model.save();
  }

  /** Something may have changed: one patch once the gesture is over. `tag` joins what is one step of undo. */
  changed(tag = ""): void {
    if (tag) this.tag = tag;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      const { surface } = this;
      if (surface.isDragging || surface.linkConnector.isConnecting || surface.resizing_node) this.changed();
      else this.flush();
    }, DEBOUNCE_MS);
    this.surface.redraw();
  }

  /** Sends what is pending now instead of in a moment. */
  flush(): void {
    clearTimeout(this.timer);
    stopped();
    const changed = !this.locked && this.editor.flush(this.tag);
    this.tag = "";
    if (changed) this.after();
  }

  undo(): void {
    if (travel(this, () => this.editor.undo())) this.after();
  }

  redo(): void {
    if (travel(this, () => this.editor.redo())) this.after();
  }

  setSettings(id: string, settings: Settings | null, title?: string | null, cache?: Settings | null): void {
    if (this.model.setSettings(id, settings, title, cache)) this.changed(`settings ${id}`);
  }

  setSockets(sockets: Record<string, Sockets>): void {
    this.editor.setSockets(sockets);
    this.surface.redraw();
  }

  deleteSelection(): void {
    if (this.locked) return;
    deleteChosen(this);
    this.flush();
  }

  setTheme(name: ThemeName): void {
    this.theme = theme(name, this.host);
    this.chrome.dress(this.theme);
    this.surface.redraw();
  }

  setReadOnly(on: boolean): void {
    this.flush();
    this.locked = on;
    this.surface.read_only = on;
    this.reach.fingers.refresh();
    this.after();
  }

  fit(): void {
    const all = everything(this.model);
    if (all) this.look(all);
  }

  zoomToSelection(): void {
    const around = bounds([...this.chosen(Card), ...this.chosen(Note), ...this.chosen(Frame)]);
    if (around) this.look(around);
  }

  zoom(factor: number): void {
    const box = this.element.getBoundingClientRect();
    this.surface.ds.changeScale(this.surface.ds.scale * factor, [box.x + box.width / 2, box.y + box.height / 2]);
    this.surface.redraw();
    this.tellZoom();
  }

  /** Selects and centres a node; `take` also gives the canvas the keyboard. */
  focusNode(id: string, take = true): void {
    const card = this.model.cards.get(id);
    if (!card) return;
    this.surface.selectItems([card]);
    centre(this.surface, card, this.chrome.width, this.chrome.height);
    this.tellZoom();
    if (take) this.element.focus({ preventScroll: true });
  }

  select(ids: string[]): void {
    this.surface.selectItems(ids.map((id) => this.model.cards.get(id)).filter((card) => card !== undefined));
  }

  showMinimap(on: boolean): void {
    this.minimap.show(on);
  }

  status(batch: Record<string, RunStatus | null>): void {
    this.runs.update(batch);
  }

  clearStatus(): void {
    this.runs.clear();
  }

  setProblems(list: Problem[]): void {
    this.problems.fill(list);
    this.reach?.outline.refresh();
    this.surface.redraw();
  }

  refuse(reason: string): void {
    this.chrome.tip.warn(reason, this.pointer[0], this.pointer[1], true);
    this.reach.say(reason);
    this.options.onRefused?.(reason);
  }

  refuseLink(why: string, drag: Drag, card: Card, near: Slot[]): void {
    this.pops.refused(why, drag, card, near);
  }

  menu(item: Positionable | undefined, event: CanvasPointerEvent): void {
    openMenu(this, item, event);
  }

  open(node: LGraphNode): void {
    openNode(this, node);
  }

  selection(): Selection {
    const keys = (items: { key: string }[]) => items.map(({ key }) => key);
    return { ids: keys(this.chosen(Card)), notes: keys(this.chosen(Note)), groups: keys(this.chosen(Frame)) };
  }

  /** A point of the window, also in the graph. */
  place(event: { clientX: number; clientY: number }): Place {
    const [x, y] = this.surface.convertEventToCanvasOffset(event as MouseEvent) as Pair;
    return { x: Math.round(x), y: Math.round(y), screenX: Math.round(event.clientX), screenY: Math.round(event.clientY) };
  }

  /** LiteGraph deselects before it selects: tell once, after both. */
  selectionChanged(): void {
    if (this.telling) return;
    this.telling = true;
    queueMicrotask(() => {
      this.telling = false;
      const selection = this.selection();
      const text = JSON.stringify(selection);
      if (text !== this.told) this.options.onSelect?.(selection), this.reach.selected();
      this.told = text;
    });
  }

  tellZoom(): void {
    const { scale } = this.surface.ds;
    if (scale !== this.zoomed) this.options.onZoom?.((this.zoomed = scale));
  }

  fontsReady(icons: boolean): void {
    this.icons = icons;
    forgetText();
    for (const card of this.model.cards.values()) card.arrangeSockets();
    this.surface.redraw();
  }

  destroy(): void {
    this.flush();
    this.pops.close();
    this.off.abort();
    this.runs.clear();
    this.surface.close();
    this.chrome.remove();
  }

  private after(): void {
    const { cards, notes, frames } = this.model;
    this.chrome.showEmpty(cards.size + notes.size + frames.size === 0 && !this.locked);
    this.options.onHistory?.(this.editor.undoable);
    this.selectionChanged();
    this.surface.redraw();
  }

  chosen<T>(kind: abstract new (...args: never[]) => T): T[] {
    return [...this.surface.selectedItems].filter((item) => item instanceof kind) as T[];
  }

  private look(area: Bounds): void {
    if (this.chrome.width) look(this.surface, area, this.chrome.width, this.chrome.height);
    this.tellZoom();
  }

  private firstLook(): void {
    const all = everything(this.model);
    if (!this.unseen || !all || !this.chrome.width) return;
    this.unseen = false;
    firstLook(this.surface, all, this.chrome.width, this.chrome.height);
    this.tellZoom();
  }
}
