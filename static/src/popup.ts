/** A small box over the canvas at a point of it; one at a time. Escape, a click elsewhere and the wheel close it. */

export type Closed = (by: "escape" | "outside" | "done") => void;

export class Popup {
  readonly box = document.createElement("div");
  private readonly off = new AbortController();
  private readonly host: HTMLElement;
  private readonly back: HTMLElement;
  private readonly closed: Closed;
  private open = true;

  /** `back` gets the keyboard again afterwards. */
  constructor(host: HTMLElement, back: HTMLElement, kind: string, closed: Closed = () => undefined) {
    this.host = host;
    this.back = back;
    this.closed = closed;
    this.box.className = `sakuga-pop ${kind}`;
    const { signal } = this.off;
    this.box.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.close("escape");
    }, { signal });
    for (const name of ["pointerdown", "pointermove", "pointerup", "contextmenu"] as const) {
      this.box.addEventListener(name, (event) => event.stopPropagation(), { signal });
    }
    const elsewhere = (event: Event): void => {
      if (!(event.target instanceof Node && this.box.contains(event.target))) this.close("outside");
    };
    for (const name of ["pointerdown", "wheel"] as const) window.addEventListener(name, elsewhere, { capture: true, passive: true, signal });
    window.addEventListener("resize", () => this.close("outside"), { signal });
  }

  /** Shows it at a point of the frame, moved so that all of it is seen. */
  show(x: number, y: number): void {
    this.host.append(this.box);
    const room = (at: number, size: number, whole: number) => Math.max(8, Math.min(at, whole - size - 8));
    this.box.style.left = `${room(x, this.box.offsetWidth, this.host.clientWidth)}px`;
    this.box.style.top = `${room(y, this.box.offsetHeight, this.host.clientHeight)}px`;
  }

  close(by: "escape" | "outside" | "done" = "done"): void {
    if (!this.open) return;
    this.open = false;
    this.off.abort();
    const had = this.box.contains(document.activeElement);
    this.box.remove();
    if (had && by !== "outside") this.back.focus({ preventScroll: true });
    this.closed(by);
  }
}

/** An element with text, never HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, className = "", text = ""): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** An icon of the page's icon font; empty until the font is there. */
export function glyph(name: string | undefined, ready: boolean): HTMLElement {
  const made = element("i", "glyph", ready && name ? name.replace(/^o_/, "") : "");
  made.setAttribute("aria-hidden", "true");
  return made;
}
