/** The whole graph small: rectangles with run state, and a frame that can be dragged. Drawn on change only. */
import { bounds, type Bounds, everything } from "./camera.ts";
import { groupColor } from "./theme.ts";
import type { GraphView } from "./view.ts";

const [WIDTH, HEIGHT, PAD] = [180, 120, 8];
/** A map says little about a handful of nodes. */
const WORTH_IT = 12;

export class Minimap {
  private readonly view: GraphView;
  private readonly canvas = document.createElement("canvas");
  private wanted: boolean | null = null;
  private seen = "";

  constructor(view: GraphView) {
    this.view = view;
    const ratio = window.devicePixelRatio || 1;
    this.canvas.className = "minimap";
    this.canvas.width = WIDTH * ratio;
    this.canvas.height = HEIGHT * ratio;
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

  private draw(): void {
    const { model, surface, chrome } = this.view;
    this.canvas.hidden = !(this.wanted ?? (model.cards.size > WORTH_IT && chrome.width > 700));
    const all = this.canvas.hidden ? null : this.extent();
    if (!all) return;
    const state = `${all} ${surface.visible_area.join()} ${surface.graph?._version} ${this.view.runs.size} ${this.view.theme.name}`;
    const moving = surface.isDragging || [...this.view.runs.values()].some((run) => run.state === "running");
    if (state === this.seen && !moving) return;
    this.seen = state;
    this.paint(all);
  }

  private extent(): Bounds | null {
    const all = everything(this.view.model);
    const [x, y, w, h] = this.view.surface.visible_area;
    return all && bounds([{ pos: all, size: [all[2], all[3]] }, { pos: [x!, y!], size: [w!, h!] }]);
  }

  private scale([, , w, h]: Bounds): number {
    return Math.min((WIDTH - 2 * PAD) / w, (HEIGHT - 2 * PAD) / h);
  }

  private paint(all: Bounds): void {
    const { theme, model, surface, runs } = this.view;
    const ctx = this.canvas.getContext("2d")!;
    const ratio = window.devicePixelRatio || 1;
    const scale = this.scale(all);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, WIDTH, HEIGHT);
    ctx.translate(PAD, PAD);
    ctx.scale(scale, scale);
    ctx.translate(-all[0], -all[1]);
    for (const card of model.cards.values()) {
      const run = runs.get(card.key);
      ctx.fillStyle = run ? theme.states[run.state] : card.kind ? groupColor(card.kind.group, theme.name) : theme.error;
      ctx.fillRect(card.pos[0]!, card.pos[1]!, card.size[0]!, card.size[1]!);
    }
    const [x, y, w, h] = surface.visible_area;
    ctx.lineWidth = 1.5 / scale;
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
