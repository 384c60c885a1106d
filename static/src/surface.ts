/** LiteGraph's canvas with our pictures and manners: none of its menus, dialogs, search or clipboard. */
import { type CanvasPointerEvent, type LGraph, type LGraphNode, LiteGraph, type Positionable } from "@comfyorg/litegraph";
import { type Bend, bendAt, pressWire } from "./bending.ts";
import { Card, type InputSlot, type OutputSlot } from "./card.ts";
import type { Images } from "./images.ts";
import { connect, currentDrag, type Drag, landing, type Slot, welcome } from "./linking.ts";
import type { Model } from "./model.ts";
import { Frame } from "./note.ts";
import { paintFrame, paintGround } from "./paint-board.ts";
import { paintDraggedLinks, paintSelecting } from "./paint-drag.ts";
import { linkAt, paintFarLinks, paintLinks } from "./paint-links.ts";
import { FAR, paintNodes } from "./paint-nodes.ts";
import type { SocketState } from "./paint-socket.ts";
import { rightButton } from "./pressing.ts";
import { type Box, clipped, outlines } from "./patches.ts";
import { type Loose, paintLoose } from "./paint-loose.ts";
import { Scene, type Wire } from "./scene.ts";
import { TameCanvas } from "./tame.ts";
import type { Theme } from "./theme.ts";
import type { Mark, RunStatus } from "./types.ts";
import { wheel } from "./wheel.ts";
import { t } from "./words.ts";

/** What the surface shows and whom it tells. */
export interface Stage {
  readonly model: Model;
  readonly theme: Theme;
  readonly images: Images;
  readonly icons: boolean;
  readonly locked: boolean;
  readonly runs: ReadonlyMap<string, RunStatus> & { readonly marks: ReadonlyMap<string, Mark> };
  readonly problems: ReadonlyMap<string, { errors: number; warnings: number }>;
  /** Absent while the view is being made. */
  readonly reach?: { readonly roving: { readonly ringed: LGraphNode | null } };
  refuse(reason: string): void;
  refuseLink(why: string, drag: Drag, card: Card, near: Slot[]): void;
  menu(item: Positionable | undefined, event: CanvasPointerEvent): void;
  open(node: LGraphNode): void;
}

const SNAP = "sakuga-snap";
type Spot = { canvasX: number; canvasY: number };

export class Surface extends TameCanvas {
  stage: Stage;
  readonly scene: Scene;
  space = false;
  private readonly touched = new Set<LGraphNode>();
  /** Link under the pointer, and the link that was clicked. */
  hotLink: number | null = null;
  pickedLink: number | null = null;
  /** The point of that link that was clicked, if it was one. */
  pickedBend: Bend | null = null;
  /** A wire whose end waits for a node; drawn until the list that asks for one is closed. */
  loose: Loose | null = null;
  /** Fingers select: a drag over empty canvas draws a box, a tap adds. */
  marking = false;
  /** Whether things stick to the grid; while Shift is held they do the opposite. */
  snap = localStorage.getItem(SNAP) !== "off";

  constructor(element: HTMLCanvasElement, graph: LGraph, stage: Stage) {
    super(element, graph, { skip_render: true });
    this.stage = stage;
    this.scene = new Scene(stage.model);
    this.background_image = "";
    this.render_canvas_border = false;
    this.show_info = false;
    this.allow_searchbox = false;
    this.low_quality_zoom_threshold = FAR;
    this.ds.min_scale = 0.05;
    this.ds.max_scale = 4;
    this.onRenderBackground = (_, ctx) => this.ground(ctx);
    this.linkConnector.dropOnNode = (node, event) => this.drop(node, event);
    const toGrid = graph.snapToGrid.bind(graph);
    graph.snapToGrid = (items) => void (LiteGraph.alwaysSnapToGrid && toGrid(items));
    LiteGraph.alwaysSnapToGrid = this.snap;
    this.startRendering();
  }

  close(): void {
    this.stopRendering();
    this.pause_rendering = true; // one frame is already ordered
    // LiteGraph removes its listeners without the capture flag they were added with, so this one would stay.
    document.removeEventListener("keyup", this._key_callback as EventListener, true);
    this.unbindEvents();
    this.graph?.detachCanvas(this);
  }

  redraw(): void {
    this.setDirty(true, true);
  }

  /** Draws some cards anew, and nothing around them. */
  touch(ids: Iterable<string>): void {
    for (const id of ids) {
      const card = this.stage.model.cards.get(id);
      if (card) this.touched.add(card);
    }
  }

  override draw(canvas?: boolean, background?: boolean): void {
    const { touched } = this;
    if (touched.size && !canvas && !background && !this.dirty_canvas && !this.dirty_bgcanvas && !this.linkConnector.isConnecting) {
      const seen = this.visible_nodes.filter((node) => node instanceof Card && touched.has(node));
      const patch = seen.length && outlines(seen, this.ds);
      if (patch) clipped(this.ctx, patch.path, () => this.patch(patch.area));
      this.onDrawOverlay?.(this.ctx);
    } else super.draw(canvas, background);
    touched.clear();
  }

  /** What lies in a part of the view, onto the background as it is. */
  private patch(area: Box): void {
    const ratio = window.devicePixelRatio || 1;
    this.ctx.drawImage(this.bgcanvas, 0, 0, this.bgcanvas.width / ratio, this.bgcanvas.height / ratio);
    this.paintCards(this.ctx, this.scene.inside(area, []));
    this.paintOver(() => this.onDrawForeground?.(this.ctx, this.visible_area));
  }

  private paintOver(work: () => void): void {
    this.ctx.save();
    this.ds.toCanvasContext(this.ctx);
    work();
    if (this.loose) paintLoose(this.ctx, this.stage.theme, this.stage.model, this.loose);
    this.ctx.restore();
  }

  override processNodeDblClicked(node: LGraphNode): void {
    this.stage.open(node);
  }

  override processMouseDown(event: PointerEvent): void {
    this.read_only = this.stage.locked || this.space;
    this.adjustMouseEvent(event);
    const node = this.graph?.getNodeOnPos((event as CanvasPointerEvent).canvasX, (event as CanvasPointerEvent).canvasY, this.visible_nodes);
    const bend = node || event.button !== 0 ? null : this.bendUnder(event as CanvasPointerEvent);
    const wire = node || event.button !== 0 ? null : (bend?.wire ?? this.wireUnder(event as CanvasPointerEvent));
    this.pickedLink = this.pickedBend = null;
    if (event.button === 2) return rightButton(this, event as CanvasPointerEvent, node);
    this.panning(event.pointerType === "touch" && !node && !this.marking, () => super.processMouseDown(event));
    if (this.stage.locked && event.button === 0) {
      this.pointer.onClick = (up) => this.processSelect(node, up);
      if (node) this.pointer.onDoubleClick = () => this.stage.open(node);
    } else if (wire && !this.read_only) pressWire(this, event as CanvasPointerEvent, wire, bend);
  }

  /** A finger on empty canvas pans, as on every map; a mouse draws a selection. */
  private panning(on: boolean, work: () => void): void {
    LiteGraph.canvasNavigationMode = on ? "legacy" : "standard";
    work();
    LiteGraph.canvasNavigationMode = "standard";
  }

  /** Boxes add to what is selected while fingers select. */
  override processMouseUp(event: PointerEvent): void {
    if (this.marking && event.pointerType === "touch") Object.defineProperty(event, "shiftKey", { value: true });
    super.processMouseUp(event);
  }

  mark(on: boolean): void {
    this.marking = this.multi_select = on;
  }

  pick(link: number, bend: Bend | null = null): void {
    this.deselectAll();
    this.pickedLink = link;
    this.pickedBend = bend;
    this.redraw();
  }

  linkUnder(point: Spot): number | null {
    return this.wireUnder(point)?.link.id ?? null;
  }

  private wireUnder(point: Spot): Wire | null {
    return this.ds.scale < FAR ? null : linkAt(this.ctx, this.scene, point.canvasX, point.canvasY, Math.max(5, 5 / this.ds.scale));
  }

  bendUnder(point: Spot): Bend | null {
    return this.ds.scale < FAR ? null : bendAt(this.scene, point.canvasX, point.canvasY, this.ds.scale);
  }

  setSnap(on: boolean): void {
    localStorage.setItem(SNAP, (this.snap = on) ? "on" : "off");
  }

  override processMouseMove(event: PointerEvent): void {
    LiteGraph.alwaysSnapToGrid = this.snap !== event.shiftKey;
    super.processMouseMove(event);
  }

  override processMouseWheel(event: WheelEvent): void {
    wheel(this, event);
  }

  /** By so many pixels of the screen. */
  pan(dx: number, dy: number): void {
    this.ds.offset[0] += dx / this.ds.scale;
    this.ds.offset[1] += dy / this.ds.scale;
    this.redraw();
  }

  private drop(node: LGraphNode, event: CanvasPointerEvent): void {
    const drag = currentDrag(this.linkConnector);
    if (!drag) return;
    if (!(node instanceof Card)) return this.stage.refuse(t("Notes take no links"));
    const end = landing(this.stage.model, drag, node, event.canvasX - node.pos[0]!, event.canvasY - node.pos[1]!);
    if (end.refusal !== null) this.stage.refuseLink(end.refusal, drag, node, end.near);
    else connect(this.stage.model, drag, node, end.slot);
  }

  /** Where the drag would end if the pointer were let go now. */
  aim(): { card: Card; slot: number | null; refusal: string | null } | null {
    const drag = currentDrag(this.linkConnector);
    const [x, y] = [this.graph_mouse[0]!, this.graph_mouse[1]!];
    const card = drag && this.graph?.getNodeOnPos(x, y, this.visible_nodes);
    if (!drag || !(card instanceof Card) || card === drag.card) return null;
    return { card, ...landing(this.stage.model, drag, card, x - card.pos[0]!, y - card.pos[1]!) };
  }

  private ground(ctx: CanvasRenderingContext2D): boolean {
    const ratio = window.devicePixelRatio || 1;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { width, height } = ctx.canvas;
    paintGround(ctx, this.stage.theme, width / ratio, height / ratio, this.ds.scale, this.ds.offset);
    return true;
  }

  /** LiteGraph would measure every node in every frame. */
  override computeVisibleNodes(_: LGraphNode[] | undefined, into: LGraphNode[] = []): LGraphNode[] {
    this.scene.refresh(this.ctx);
    return this.scene.inside(this.visible_area, into);
  }

  private paintCards(ctx: CanvasRenderingContext2D, shown: LGraphNode[]): void {
    const socket = (card: Card, side: "in" | "out", slot: InputSlot | OutputSlot) => this.socketState(card, side, slot);
    ctx.save();
    this.ds.toCanvasContext(ctx);
    paintNodes({ ctx, stage: this.stage, scale: this.ds.scale, socket }, shown);
    ctx.restore();
  }

  private socketState(card: Card, side: "in" | "out", slot: InputSlot | OutputSlot): SocketState {
    const linked = "links" in slot ? !!slot.links?.length : slot.link != null;
    const drag = currentDrag(this.linkConnector);
    if (drag) return { linked, hot: slot === this.aimed, dimmed: !welcome(this.stage.model, drag, card, slot, side) };
    const over = card.mouseOver?.[side === "in" ? "inputId" : "outputId"];
    const hot = over !== undefined && over >= 0 && (side === "in" ? card.ins : card.outs)[over] === slot;
    return { linked, hot: hot && !this.stage.locked, dimmed: false };
  }

  private aimed: InputSlot | OutputSlot | null = null;

  override drawConnections(ctx: CanvasRenderingContext2D): void {
    const { theme } = this.stage;
    if (this.ds.scale < FAR) paintFarLinks(ctx, theme, this.scene, this.ds.scale);
    else paintLinks(ctx, theme, this.scene, this.visible_area, this.pickedLink ?? this.hotLink);
  }

  override drawGroups(_canvas: HTMLCanvasElement, ctx: CanvasRenderingContext2D): void {
    for (const group of this.graph?.groups ?? []) if (group instanceof Frame && !group.shelter) paintFrame(ctx, this.stage.theme, group);
  }

  /** LiteGraph would draw the dragged link and the selection in fixed colours: hide both, then draw ours. */
  override drawFrontCanvas(): void {
    const { state } = this.linkConnector;
    const [connecting, rectangle] = [state.connectingTo, this.dragging_rectangle];
    const aim = this.aim();
    const drag = currentDrag(this.linkConnector);
    this.aimed = aim?.slot != null && drag ? (drag.seeks === "in" ? aim.card.ins : aim.card.outs)[aim.slot]! : null;
    state.connectingTo = undefined;
    this.dragging_rectangle = null;
    const shown = this.visible_nodes;
    this.visible_nodes = []; // what LiteGraph would walk through, saving and restoring for each
    this.onRender = (_, ctx) => this.paintCards(ctx, shown);
    super.drawFrontCanvas();
    this.visible_nodes = shown;
    state.connectingTo = connecting;
    this.dragging_rectangle = rectangle;
    this.paintOver(() => {
      if (connecting) paintDraggedLinks(this.ctx, this.stage.theme, this.linkConnector.renderLinks, this.dragEnd(aim), !!aim?.refusal);
      if (rectangle) paintSelecting(this.ctx, this.stage.theme, rectangle, this.ds.scale);
    });
  }

  /** Where the dragged link ends now: at the socket it would snap to, else under the pointer. */
  private dragEnd(aim: ReturnType<Surface["aim"]>): ArrayLike<number> {
    const spot = this.aimed?.pos;
    return spot && aim ? [aim.card.pos[0]! + spot[0]!, aim.card.pos[1]! + spot[1]!] : this.graph_mouse;
  }
}
