/** The HTML around the board: frame, style, empty state, and a board that is always as large as its frame. */
import css from "./canvas.css";
import { keysFor } from "./bindings.ts";
import type { Surface } from "./surface.ts";
import type { Theme } from "./theme.ts";
import { Tooltip } from "./tooltip.ts";
import { t } from "./words.ts";

let made = 0;

export class Chrome {
  readonly frame = document.createElement("div");
  readonly board = document.createElement("canvas");
  readonly tip: Tooltip;
  width = 0;
  height = 0;
  private readonly empty: HTMLDivElement;
  private readonly observer: ResizeObserver;
  private surface: Surface | null = null;
  private readonly resized: () => void;

  constructor(host: HTMLElement, resized: () => void) {
    this.resized = resized;
    this.frame.className = "sakuga-canvas";
    const style = document.createElement("style");
    style.textContent = css;
    this.board.className = "board";
    this.board.tabIndex = 0;
    this.board.setAttribute("role", "application");
    this.board.setAttribute("aria-label", t("Workflow canvas"));
    const how = document.createElement("p");
    how.className = "sakuga-unseen";
    how.id = `sakuga-how-${(made += 1)}`;
    how.textContent = howTo();
    this.board.addEventListener("focus", () => (how.textContent = howTo()));
    this.board.setAttribute("aria-describedby", how.id);
    this.empty = emptyState();
    this.frame.append(style, this.board, how, this.empty);
    this.tip = new Tooltip(this.frame);
    this.observer = new ResizeObserver(() => this.measure());
    host.append(this.frame);
  }

  /** From now on this surface follows the size of the frame. */
  hold(surface: Surface): void {
    this.surface = surface;
    this.observer.observe(this.frame);
    this.measure();
  }

  dress({ text, card, line, muted, error, warning, accent, font }: Theme): void {
    for (const [name, value] of Object.entries({ text, card, line, muted, error, warning, accent })) this.frame.style.setProperty(`--tip-${name}`, value);
    this.frame.style.fontFamily = font;
  }

  /** What can be seen at once at life size, less a margin. */
  get room(): { w: number; h: number } {
    return { w: this.width - 72, h: this.height - 72 };
  }

  showEmpty(on: boolean): void {
    this.empty.hidden = !on;
  }

  remove(): void {
    this.observer.disconnect();
    this.frame.remove();
  }

  private measure(): void {
    const { clientWidth, clientHeight } = this.frame;
    const { surface, board } = this;
    if (!clientWidth || !clientHeight || !surface) return;
    [this.width, this.height] = [clientWidth, clientHeight];
    const ratio = window.devicePixelRatio || 1;
    board.width = surface.bgcanvas.width = Math.round(clientWidth * ratio);
    board.height = surface.bgcanvas.height = Math.round(clientHeight * ratio);
    Object.assign(board.style, { width: `${clientWidth}px`, height: `${clientHeight}px` });
    surface.ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    // LiteGraph would take device pixels for CSS pixels and draw ratio² times too much.
    const compute = Object.getPrototypeOf(surface.ds).computeVisibleArea as (area: ArrayLike<number>) => void;
    surface.ds.computeVisibleArea = () => compute.call(surface.ds, [0, 0, clientWidth, clientHeight]);
    this.resized();
    surface.draw(true, true);
  }
}

/** In the keys that hold now. */
function howTo(): string {
  const keys = { link: keysFor("c"), add: keysFor("a"), remove: keysFor("delete"), list: keysFor("l"), all: keysFor("?") };
  return t("Arrow keys go from node to node along links, Enter opens the settings, {link} begins a link, Shift with arrows moves, {add} adds a node, {remove} removes, {list} shows a list, {all} shows all keys.", keys);
}

function emptyState(): HTMLDivElement {
  const box = document.createElement("div");
  box.className = "sakuga-empty";
  box.hidden = true;
  const head = document.createElement("b");
  head.textContent = t("Nothing here yet");
  const what = document.createElement("span");
  what.textContent = t("Drag a node in from the palette, or double-click anywhere to add one.");
  box.append(head, what);
  return box;
}
