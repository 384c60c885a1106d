/** Two fingers zoom and pan. LiteGraph knows one pointer only, so it must not see the second. */
import type { Surface } from "./surface.ts";

interface Finger {
  x: number;
  y: number;
}

export function attachPinch(surface: Surface, host: HTMLElement, signal: AbortSignal): void {
  const fingers = new Map<number, Finger>();
  let pinching = false;

  const middle = (): { x: number; y: number; apart: number } => {
    const [a, b] = [...fingers.values()] as [Finger, Finger];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.hypot(a.x - b.x, a.y - b.y) };
  };

  const swallow = (event: PointerEvent): void => {
    event.stopPropagation();
    event.preventDefault();
  };

  host.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size < 2) return;
    pinching = true;
    abandon(surface);
    swallow(event);
  }, { capture: true, signal });

  host.addEventListener("pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    if (!pinching || fingers.size !== 2) {
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (pinching) swallow(event);
      return;
    }
    const before = middle();
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const after = middle();
    surface.pan(after.x - before.x, after.y - before.y);
    if (before.apart > 0) surface.ds.changeScale(surface.ds.scale * (after.apart / before.apart), [after.x, after.y], false);
    surface.redraw();
    swallow(event);
  }, { capture: true, signal });

  const lift = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId) || !pinching) return;
    if (fingers.size === 0) pinching = false;
    swallow(event);
  };
  for (const name of ["pointerup", "pointercancel"] as const) window.addEventListener(name, lift, { capture: true, signal });
}

/** Forget whatever the first finger had begun. */
function abandon(surface: Surface): void {
  surface.linkConnector.reset(true);
  surface.pointer.reset();
  surface.dragging_canvas = false;
  surface.isDragging = false;
  surface.dragging_rectangle = null;
}

const LONG_MS = 500;
const STILL = 10;

/** A finger that rests opens the menu, as the right button does; `open` says whether it rests on nothing. From there it draws a box. */
export function attachLongPress(surface: Surface, host: HTMLElement, open: (event: PointerEvent) => boolean, box: (event: PointerEvent) => void, signal: AbortSignal): void {
  let timer = 0;
  let start: PointerEvent | null = null;
  let rested: PointerEvent | null = null;
  const forget = (): void => {
    clearTimeout(timer);
    start = rested = null;
  };
  const away = (from: PointerEvent, event: PointerEvent): boolean => Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > STILL;
  host.addEventListener("pointerdown", (event) => {
    const alone = event.pointerType === "touch" && event.isPrimary && start === null && event.target === surface.canvas;
    forget();
    if (!alone) return;
    start = event;
    timer = window.setTimeout(() => {
      start = null;
      abandon(surface);
      if (open(event) && !surface.stage.locked) rested = event;
    }, LONG_MS);
  }, { capture: true, signal });
  host.addEventListener("pointermove", (event) => {
    if (start && away(start, event)) forget();
    if (!rested || event.pointerId !== rested.pointerId || !away(rested, event)) return;
    const from = rested;
    forget();
    box(from);
  }, { capture: true, signal });
  for (const name of ["pointerup", "pointercancel"] as const) window.addEventListener(name, forget, { capture: true, signal });
}
