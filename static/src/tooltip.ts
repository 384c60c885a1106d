/** A small text near the pointer: what is under it, or why something was refused. Text only, never HTML. */

const WAIT = 450;
const STAY = 2600;

export class Tooltip {
  private readonly box: HTMLDivElement;
  private readonly host: HTMLElement;
  private timer = 0;
  private shown = "";
  private pinned = 0;

  constructor(host: HTMLElement) {
    this.host = host;
    this.box = document.createElement("div");
    this.box.className = "sakuga-tip";
    this.box.setAttribute("role", "tooltip");
    this.box.hidden = true;
    host.append(this.box);
  }

  /** Show after a moment, or keep showing; empty text hides. */
  hint(text: string, x: number, y: number): void {
    if (performance.now() < this.pinned) return;
    if (text === this.shown) return;
    clearTimeout(this.timer);
    this.shown = text;
    this.box.hidden = true;
    if (text) this.timer = window.setTimeout(() => this.place(text, x, y, false), WAIT);
  }

  /** Show at once, as a refusal; a pinned one stays a while. */
  warn(text: string, x: number, y: number, pin: boolean): void {
    clearTimeout(this.timer);
    this.shown = text;
    this.place(text, x, y, true);
    if (!pin) return;
    this.pinned = performance.now() + STAY;
    this.timer = window.setTimeout(() => this.hide(), STAY);
  }

  hide(): void {
    clearTimeout(this.timer);
    this.pinned = 0;
    this.shown = "";
    this.box.hidden = true;
  }

  private place(text: string, x: number, y: number, warn: boolean): void {
    this.box.textContent = text;
    this.box.classList.toggle("warn", warn);
    this.box.hidden = false;
    const { clientWidth, clientHeight } = this.host;
    const left = Math.min(x + 14, clientWidth - this.box.offsetWidth - 8);
    const top = y + 18 + this.box.offsetHeight > clientHeight ? y - this.box.offsetHeight - 10 : y + 18;
    this.box.style.transform = `translate(${Math.max(8, left)}px, ${Math.max(8, top)}px)`;
  }
}
