/** The canvas as the page sees it: document in and out, run state, problems, events. */
import type { CanvasPointerEvent, LGraphNode, Positionable } from "@comfyorg/litegraph";
import { Card } from "./card.ts";
import { centre, everything, firstLook, bounds, look } from "./camera.ts";
import css from "./canvas.css";
import { Catalogue } from "./catalogue.ts";
import { attachClipboard } from "./clipboard.ts";
import { Editor, type Wish } from "./editor.ts";
import { hoverText } from "./hover.ts";
import { Images } from "./images.ts";
import { attachKeys } from "./keys.ts";
import { currentDrag } from "./linking.ts";
import { Model } from "./model.ts";
import { editNote } from "./note-editor.ts";
import { Frame, Note } from "./note.ts";
import { Runs } from "./runs.ts";
import { type Stage, Surface } from "./surface.ts";
import { forgetText } from "./text.ts";
import { theme, type Theme, type ThemeName } from "./theme.ts";
import { Tooltip } from "./tooltip.ts";
import { attachPinch } from "./touch.ts";
import type { End, GraphDocument, Options, Pair, Payload, Place, Problem, RunStatus, Selection, Settings, Shortcut, Sockets } from "./types.ts";

const DEBOUNCE_MS = 150;

export class GraphView implements Stage {
  readonly element: HTMLCanvasElement;
  readonly model: Model;
  readonly editor: Editor;
  readonly images: Images;
  readonly runs: Runs;
  readonly problems = new Map<string, { errors: number; warnings: number }>();
  theme: Theme;
  icons = false;
  locked: boolean;
  readonly surface: Surface;
  private readonly host: HTMLElement;
  private readonly frame: HTMLDivElement;
  private readonly empty: HTMLDivElement;
  private readonly tip: Tooltip;
  private readonly options: Options;
  private readonly off = new AbortController();
  private readonly observer: ResizeObserver;
  private problemList: Problem[] = [];
  private timer = 0;
  private tag = "";
  private width = 0;
  private height = 0;
  private unseen = true;
  private pointer: Pair = [0, 0];
  private selected = "";
  private zoomed = 0;

  constructor(host: HTMLElement, options: Options) {
    this.host = host;
    this.options = options;
    this.locked = options.readOnly ?? false;
    this.theme = theme(options.theme ?? "dark", host);
    this.frame = document.createElement("div");
    this.frame.className = "sakuga-canvas";
    const style = document.createElement("style");
    style.textContent = css;
    this.element = document.createElement("canvas");
    this.element.className = "board";
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "application");
    this.element.setAttribute("aria-label", "Workflow canvas");
    this.empty = emptyState();
    this.frame.append(style, this.element, this.empty);
    host.append(this.frame);
    this.model = new Model(new Catalogue(options.types, options.accepts));
    this.editor = new Editor(this.model, (patch) => this.options.onChange?.(patch));
    this.images = new Images(() => this.redraw());
    this.runs = new Runs(() => this.surface.setDirty(true));
    this.surface = new Surface(this.element, this.model.graph, this);
    this.tip = new Tooltip(this.frame);
    this.dress();
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.frame);
    this.listen();
    this.resize();
  }

  // ---- document

  /** Shows a document; a first look is taken unless `keepView`. Raises DocumentError when it is malformed. */
  load(payload: Payload, keepView = false): void {
    clearTimeout(this.timer);
    this.surface.deselectAll();
    this.runs.clear();
    this.editor.load(payload);
    this.setProblems(payload.problems ?? []);
    if (!keepView) this.unseen = true;
    this.firstLook();
    this.after();
  }

  save(): GraphDocument {
    return this.model.save();
  }

  /** Sends what is pending now instead of in 150 ms. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    const changed = this.editor.flush(this.tag);
    this.tag = "";
    if (changed) this.after();
  }

  undo(): void {
    if (!this.locked && this.editor.undo()) this.after();
  }

  redo(): void {
    if (!this.locked && this.editor.redo()) this.after();
  }

  addNode(type: string, x?: number | null, y?: number | null, settings?: Settings | null, wish?: Wish): string | null {
    if (this.locked) return null;
    const at: Pair = x == null || y == null ? this.middle() : [x, y];
    this.flush();
    const card = this.editor.addNode(type, at, settings ?? {}, wish);
    if (!card) {
      this.refuse(`There is no node type '${type}'`);
      return null;
    }
    this.surface.selectItems([card]);
    this.flush();
    return card.key;
  }

  addNote(x?: number | null, y?: number | null, text = ""): string | null {
    if (this.locked) return null;
    const id = this.editor.addNote({ text, position: x == null || y == null ? this.middle() : [x, y], size: [220, 120] });
    this.flush();
    return id;
  }

  /** A group around the selected cards. */
  groupSelection(title = "Group"): string | null {
    const around = bounds(this.chosen(Card));
    if (this.locked || !around) return null;
    const [x, y, w, h] = around.map(Math.round) as [number, number, number, number];
    const id = this.editor.addGroup({ title, position: [x - 20, y - 44], size: [w + 40, h + 64] });
    this.flush();
    return id;
  }

  setSettings(id: string, settings: Settings | null, title?: string | null): void {
    this.tag = `settings ${id}`;
    if (this.model.setSettings(id, settings, title)) this.ping();
  }

  setSockets(sockets: Record<string, Sockets>): void {
    this.editor.setSockets(sockets);
    this.redraw();
  }

  deleteSelection(): void {
    if (this.locked) return;
    if (this.surface.pickedLink !== null) this.model.graph.removeLink(this.surface.pickedLink);
    else if (this.surface.selectedItems.size) this.surface.deleteSelected();
    this.surface.pickedLink = null;
    this.flush();
  }

  // ---- looking

  setTheme(name: ThemeName): void {
    this.theme = theme(name, this.host);
    this.dress();
  }

  setReadOnly(on: boolean): void {
    this.locked = on;
    this.surface.read_only = on;
    this.after();
  }

  fit(): void {
    const all = everything(this.model);
    if (all && this.width) look(this.surface, all, this.width, this.height);
    this.tellZoom();
  }

  zoomToSelection(): void {
    const around = bounds([...this.chosen(Card), ...this.chosen(Note), ...this.chosen(Frame)]);
    if (around) look(this.surface, around, this.width, this.height);
    this.tellZoom();
  }

  zoom(factor: number): void {
    const box = this.element.getBoundingClientRect();
    this.surface.ds.changeScale(this.surface.ds.scale * factor, [box.x + box.width / 2, box.y + box.height / 2]);
    this.redraw();
    this.tellZoom();
  }

  focusNode(id: string): void {
    const card = this.model.cards.get(id);
    if (!card) return;
    this.surface.selectItems([card]);
    centre(this.surface, card, this.width, this.height);
    this.element.focus({ preventScroll: true });
  }

  select(ids: string[]): void {
    this.surface.selectItems(ids.map((id) => this.model.cards.get(id)).filter((card) => card !== undefined));
  }

  selectAll(): void {
    this.surface.selectItems();
  }

  // ---- run state and problems

  status(batch: Record<string, RunStatus | null>): void {
    this.runs.update(batch);
  }

  clearStatus(): void {
    this.runs.clear();
  }

  setProblems(list: Problem[]): void {
    this.problemList = list;
    this.problems.clear();
    for (const { node, severity } of list) {
      if (node === null) continue;
      const count = this.problems.get(node) ?? { errors: 0, warnings: 0 };
      count[severity === "warning" ? "warnings" : "errors"] += 1;
      this.problems.set(node, count);
    }
    this.redraw();
  }

  // ---- what keys, clipboard and surface ask for

  refuse(reason: string): void {
    this.tip.warn(reason, this.pointer[0], this.pointer[1], true);
    this.options.onRefused?.(reason);
  }

  menu(item: Positionable | undefined, event: CanvasPointerEvent): void {
    const kind = item instanceof Card ? "node" : item instanceof Note ? "note" : item instanceof Frame ? "group" : "canvas";
    const id = item instanceof Card || item instanceof Note || item instanceof Frame ? item.key : null;
    this.options.onMenu?.({ kind, id, ...this.place(event) });
  }

  open(node: LGraphNode): void {
    if (node instanceof Card) this.options.onOpen?.(node.key);
    else if (node instanceof Note && !this.locked) {
      editNote(this.surface, this.frame, node, (text) => {
        this.editor.setNote(node.key, text);
        this.flush();
      });
    }
  }

  escape(): void {
    if (this.surface.linkConnector.isConnecting) {
      this.surface.linkConnector.reset();
      this.surface.pointer.reset();
    } else this.surface.deselectAll();
    this.surface.pickedLink = null;
    this.tip.hide();
    this.redraw();
  }

  nudge(dx: number, dy: number): void {
    for (const item of this.surface.selectedItems) item.move(dx, dy, true);
    this.tag = "nudge";
    this.ping();
  }

  space(held: boolean): void {
    this.surface.space = held;
    this.surface.read_only = held || this.locked;
    this.surface.dragging_canvas = held && this.surface.pointer.isDown;
  }

  shortcut(name: Shortcut): void {
    if (name === "save") this.flush();
    this.options.onShortcut?.(name);
  }

  copy(): GraphDocument | null {
    const { ids, notes, groups } = this.selection();
    if (!ids.length && !notes.length && !groups.length) return null;
    return this.editor.piece(new Set(ids), new Set(notes), new Set(groups));
  }

  /** At the pointer when it is over the canvas, otherwise a little beside where it came from. */
  paste(piece: GraphDocument, beside = false): void {
    if (this.locked) return;
    const [left, top] = bounds([...piece.nodes, ...piece.notes, ...piece.groups].map((item) => ({ pos: item.position, size: [0, 0] }))) ?? [0, 0];
    const [x, y] = this.surface.ds.convertCanvasToOffset(this.pointer) as Pair;
    const by: Pair = beside ? [40, 40] : [Math.round((x - left) / 10) * 10, Math.round((y - top) / 10) * 10];
    this.flush();
    const fresh = this.editor.paste(piece, by);
    this.select(fresh.nodes.map(({ id }) => id));
    this.flush();
  }

  duplicate(): void {
    const piece = this.copy();
    if (piece) this.paste(piece, true);
  }

  selection(): Selection {
    const keys = (items: { key: string }[]) => items.map(({ key }) => key);
    return { ids: keys(this.chosen(Card)), notes: keys(this.chosen(Note)), groups: keys(this.chosen(Frame)) };
  }

  /** The place of a drop or click in the graph and on the screen. */
  place(event: { clientX: number; clientY: number }): Place {
    const [x, y] = this.surface.convertEventToCanvasOffset(event as MouseEvent) as Pair;
    return { x: Math.round(x), y: Math.round(y), screenX: event.clientX, screenY: event.clientY };
  }

  /** Puts a node in where something was dropped: a type name, or JSON {type, settings}. */
  dropNode(data: string, event: { clientX: number; clientY: number }): void {
    const place = this.place(event);
    const { type, settings } = readDrop(data);
    const id = this.addNode(type, place.x - 20, place.y - 19, settings);
    this.element.focus({ preventScroll: true });
    if (id !== null) this.options.onDropNode?.({ id, type, ...place });
  }

  destroy(): void {
    this.flush();
    this.off.abort();
    this.observer.disconnect();
    this.runs.clear();
    this.surface.stopRendering();
    // LiteGraph removes its listeners without the capture flag they were added with, so these would stay.
    document.removeEventListener("keyup", this.surface._key_callback as EventListener, true);
    this.surface.unbindEvents();
    this.model.graph.detachCanvas(this.surface);
    this.frame.remove();
  }

  // ---- inside

  private listen(): void {
    const { signal } = this.off;
    const { graph } = this.model;
    graph.onAfterChange = graph.onNodeAdded = graph.onNodeRemoved = () => this.ping();
    // Dragging a link off its input fires no hook, and LiteGraph stops propagation: listen first, for all.
    for (const name of ["pointerup", "keyup"]) window.addEventListener(name, () => this.ping(), { capture: true, signal });
    this.surface.onSelectionChange = () => this.tellSelection();
    this.surface.canvas.addEventListener("litegraph:canvas", (event) => this.heard((event as CustomEvent).detail), { signal });
    this.element.addEventListener("wheel", () => this.tellZoom(), { signal });
    this.frame.addEventListener("pointermove", (event) => this.hover(event), { signal });
    this.frame.addEventListener("pointerleave", () => this.tip.hide(), { signal });
    this.frame.addEventListener("pointerdown", () => this.tip.hide(), { capture: true, signal });
    attachKeys(this, this.element, signal);
    attachClipboard(this, this.element, signal);
    attachPinch(this.surface, this.frame, signal);
    void document.fonts.load("14px 'Material Icons'").then((found) => this.fontsReady(found.length > 0), () => undefined);
  }

  private fontsReady(icons: boolean): void {
    this.icons = icons;
    forgetText();
    this.redraw();
  }

  private heard(detail: { subType: string; originalEvent?: CanvasPointerEvent }): void {
    const event = detail.originalEvent;
    if (!event || this.locked) return;
    if (detail.subType === "empty-double-click") this.options.onEmptyDoubleClick?.(this.place(event));
    const drag = detail.subType === "empty-release" ? currentDrag(this.surface.linkConnector) : null;
    if (!drag || drag.moving.length) return;
    const end: End = [drag.card.key, drag.slot.name];
    const [from, to] = drag.seeks === "in" ? [end, null] : [null, end];
    this.options.onLinkDropped?.({ from, to, type: String(drag.slot.type), ...this.place(event) });
  }

  private hover(event: PointerEvent): void {
    const box = this.frame.getBoundingClientRect();
    const [x, y] = (this.pointer = [event.clientX - box.x, event.clientY - box.y]);
    const { surface } = this;
    if (surface.linkConnector.isConnecting) {
      const why = surface.aim()?.refusal;
      if (why) this.tip.warn(why, x, y, false);
      else this.tip.hide();
      return;
    }
    if (event.buttons || event.target !== this.element) return;
    const [canvasX, canvasY] = surface.convertEventToCanvasOffset(event) as Pair;
    surface.graph_mouse[0] = canvasX;
    surface.graph_mouse[1] = canvasY;
    const node = surface.graph?.getNodeOnPos(canvasX, canvasY, surface.visible_nodes);
    const hot = node ? null : surface.linkUnder({ canvasX, canvasY });
    if (hot !== surface.hotLink) surface.setDirty(true, true);
    surface.hotLink = hot;
    this.tip.hint(surface.ds.scale < 0.3 ? "" : hoverText(surface, this.problemList), x, y);
  }

  private ping(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      const { surface } = this;
      if (surface.isDragging || surface.linkConnector.isConnecting || surface.resizing_node) this.ping();
      else this.flush();
    }, DEBOUNCE_MS);
    this.surface.redraw();
  }

  private after(): void {
    this.empty.hidden = this.model.cards.size + this.model.notes.size + this.model.frames.size > 0 || this.locked;
    this.options.onHistory?.(this.editor.undoable);
    this.tellSelection();
    this.redraw();
  }

  private tellSelection(): void {
    const selection = this.selection();
    const text = JSON.stringify(selection);
    if (text === this.selected) return;
    this.selected = text;
    this.options.onSelect?.(selection);
  }

  private tellZoom(): void {
    const { scale } = this.surface.ds;
    if (scale !== this.zoomed) this.options.onZoom?.((this.zoomed = scale));
  }

  private chosen<T>(kind: abstract new (...args: never[]) => T): T[] {
    return [...this.surface.selectedItems].filter((item) => item instanceof kind) as T[];
  }

  private middle(): Pair {
    const [x, y] = this.surface.ds.convertCanvasToOffset([this.width / 2, this.height / 2]) as Pair;
    return [x - 120, y - 60];
  }

  private firstLook(): void {
    const all = everything(this.model);
    if (!this.unseen || !all || !this.width) return;
    this.unseen = false;
    firstLook(this.surface, all, this.width, this.height);
    this.tellZoom();
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.frame;
    if (!clientWidth || !clientHeight) return;
    [this.width, this.height] = [clientWidth, clientHeight];
    const ratio = window.devicePixelRatio || 1;
    const { surface, element } = this;
    element.width = surface.bgcanvas.width = Math.round(clientWidth * ratio);
    element.height = surface.bgcanvas.height = Math.round(clientHeight * ratio);
    Object.assign(element.style, { width: `${clientWidth}px`, height: `${clientHeight}px` });
    surface.ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    // LiteGraph would take device pixels for CSS pixels and draw ratio² times too much.
    const compute = Object.getPrototypeOf(surface.ds).computeVisibleArea as (area: ArrayLike<number>) => void;
    surface.ds.computeVisibleArea = () => compute.call(surface.ds, [0, 0, clientWidth, clientHeight]);
    this.firstLook();
    surface.draw(true, true);
  }

  private redraw(): void {
    this.surface?.redraw();
  }

  private dress(): void {
    const { text, card, line, muted, error, accent, font } = this.theme;
    for (const [name, value] of Object.entries({ text, card, line, muted, error, accent })) this.frame.style.setProperty(`--tip-${name}`, value);
    this.frame.style.fontFamily = font;
    this.redraw();
  }
}

function emptyState(): HTMLDivElement {
  const box = document.createElement("div");
  box.className = "sakuga-empty";
  const head = document.createElement("b");
  head.textContent = "Nothing here yet";
  const what = document.createElement("span");
  what.textContent = "Drag a node in from the palette, or double-click anywhere to add one.";
  box.append(head, what);
  return box;
}

function readDrop(data: string): { type: string; settings: Settings | null } {
  if (!data.trimStart().startsWith("{")) return { type: data, settings: null };
  try {
    const value = JSON.parse(data) as { type?: unknown; settings?: Settings };
    return { type: String(value.type), settings: value.settings ?? null };
  } catch {
    return { type: data, settings: null };
  }
}
