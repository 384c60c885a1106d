/** The whole graph small: rectangles with run state, and a frame that can be dragged. Drawn on change only. */
import { bounds, type Bounds } from "./camera.ts";
import { tint } from "./paint-board.ts";
import { glyph } from "./paint-status.ts";
import { groupColor } from "./theme.ts";
import type { GraphView } from "./view.ts";

const [WIDTH, HEIGHT, PAD] = [180, 120, 8];
/** A map says little about a handful of nodes. */
const WORTH_IT = 12;
/** A sign of the state is drawn on cards of at least this many pixels. */
const LEAST_SIGN = 6;

export class Minimap {
  private readonly view: GraphView;
  private readonly canvas = document.createElement("canvas");
  private wanted: boolean | null = null;
  private readonly sheet = document.createElement("canvas");
  private seen = "";
  private carded = "";

  constructor(view: GraphView) {
    this.view = view;
    const ratio = window.devicePixelRatio || 1;
    this.canvas.className = "minimap";
    this.canvas.width = this.sheet.width = WIDTH * ratio;
    this.canvas.height = this.sheet.height = HEIGHT * ratio;
    Object.assign(this.canvas.style, { width: `${WIDTH}px`, height: `${HEIGHT}px` });
    this.canvas.setAttribute("aria-hidden", "true");
    this.canvas.hidden = true;
    const drag = (event: PointerEvent) => event.buttons && this.moveTo(event);
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      drag(event);
    });
    this.canvas.addEventListener("pointermove", drag);
    view.chrome.frame.append(this.canvas);
    view.surface.onDrawOverlay = () => this.draw();
  }

  /** On or off for good; until then it shows itself for graphs that need one. */
  show(on: boolean): void {
    this.wanted = on;
    this.view.surface.redraw();
  }

  get shown(): boolean {
    return !this.canvas.hidden;
  }

  private draw(): void {
    const { model, surface, chrome, runs, theme } = this.view;
    this.canvas.hidden = !(this.wanted ?? (model.cards.size > WORTH_IT && chrome.width > 700));
    const all = this.canvas.hidden ? null : this.extent();
    if (!all) return;
    const cards = `${all} ${surface.scene.version} ${runs.changes} ${theme.name}`;
    const state = `${cards} ${surface.visible_area.join()}`;
    if (state === this.seen) return;
    if (cards !== this.carded) this.paintCards(all);
    this.carded = cards;
    this.seen = state;
    this.paintFrame(all);
  }

  private extent(): Bounds | null {
    const all = this.view.surface.scene.extent;
    const [x, y, w, h] = this.view.surface.visible_area;
    return all && bounds([{ pos: all, size: [all[2], all[3]] }, { pos: [x!, y!], size: [w!, h!] }]);
  }

  private scale([, , w, h]: Bounds): number {
    return Math.min((WIDTH - 2 * PAD) / w, (HEIGHT - 2 * PAD) / h);
  }

  /** A cleared pen that draws in places of the graph. */
  private pen(canvas: HTMLCanvasElement, all: Bounds): CanvasRenderingContext2D {
    const ctx = canvas.getContext("2d")!;
    const ratio = window.devicePixelRatio || 1;
    const scale = this.scale(all);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, WIDTH, HEIGHT);
    ctx.translate(PAD, PAD);
    ctx.scale(scale, scale);
    ctx.translate(-all[0], -all[1]);
    return ctx;
  }

  /** The cards lie on a sheet of their own: while the view moves, only its frame is drawn. */
  private paintCards(all: Bounds): void {
    const { theme, model, runs } = this.view;
    const ctx = this.pen(this.sheet, all);
    for (const frame of model.frames.values()) {
      if (frame.shelter) continue;
      const [x, y, w, h] = [frame.pos[0]!, frame.pos[1]!, frame.size[0]!, frame.size[1]!];
      ctx.fillStyle = tint(frame.spec.color, theme.muted);
      ctx.globalAlpha = frame.collapsed ? 0.9 : 0.22;
      ctx.fillRect(x, y, w, h);
    }
    ctx.globalAlpha = 1;
    for (const card of model.cards.values()) {
      if (card.shelter) continue;
      const run = runs.get(card.key);
      ctx.fillStyle = run ? theme.states[run.state] : card.kind ? groupColor(card.kind.group, theme.name) : theme.error;
      ctx.fillRect(card.pos[0]!, card.pos[1]!, card.size[0]!, card.size[1]!);
    }
    const scale = this.scale(all);
    ctx.strokeStyle = theme.onSolid;
    ctx.lineWidth = 1.2 / scale;
    for (const [id, { state }] of runs) {
      const card = model.cards.get(id);
      if (!card || card.shelter || card.size[1]! * scale < LEAST_SIGN) continue;
      ctx.beginPath();
      glyph(ctx, state, card.pos[0]! + card.size[0]! / 2, card.pos[1]! + card.size[1]! / 2, card.size[1]! * 0.42);
      ctx.stroke();
    }
  }

  private paintFrame(all: Bounds): void {
    const { theme, surface } = this.view;
    const ctx = this.pen(this.canvas, all);
    ctx.save();
    ctx.resetTransform();
    ctx.drawImage(this.sheet, 0, 0);
    ctx.restore();
    const [x, y, w, h] = surface.visible_area;
    ctx.lineWidth = 1.5 / this.scale(all);
    ctx.strokeStyle = theme.accent;
    ctx.strokeRect(x!, y!, w!, h!);
  }

  private moveTo(event: PointerEvent): void {
    const all = this.extent();
    if (!all) return;
    const { surface, chrome } = this.view;
    const scale = this.scale(all);
    const [x, y] = [(event.offsetX - PAD) / scale + all[0], (event.offsetY - PAD) / scale + all[1]];
    surface.ds.offset = [chrome.width / 2 / surface.ds.scale - x, chrome.height / 2 / surface.ds.scale - y];
    surface.redraw();
  }
}
