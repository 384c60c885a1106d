/** The right button and a finger that rests: what is under them is selected, and its menu opens. */
import type { CanvasPointerEvent, LGraphNode, Positionable } from "@comfyorg/litegraph";
import type { Surface } from "./surface.ts";

/** What is under the pointer is selected, unless it is part of the selection. */
function choose(surface: Surface, event: CanvasPointerEvent, node: LGraphNode | null | undefined): Positionable | undefined {
  surface.canvas.focus();
  const item = node ?? surface.graph?.getGroupTitlebarOnPos(event.canvasX, event.canvasY);
  const bend = item ? null : surface.bendUnder(event);
  const link = item ? null : (bend?.wire.link.id ?? surface.linkUnder(event));
  if (link !== null) surface.pick(link, bend);
  else if (item) surface.processSelect(item, undefined, true);
  return item;
}

export function rightButton(surface: Surface, event: CanvasPointerEvent, node: LGraphNode | null | undefined): void {
  const item = choose(surface, event, node);
  // the press itself moves the keyboard to the canvas, so the menu opens when it is over
  window.addEventListener("pointerup", () => surface.stage.menu(item, event), { capture: true, once: true });
}

/** True when nothing lies under the finger. */
export function longPress(surface: Surface, pressed: PointerEvent): boolean {
  surface.adjustMouseEvent(pressed);
  const event = pressed as CanvasPointerEvent;
  const item = choose(surface, event, surface.graph?.getNodeOnPos(event.canvasX, event.canvasY, surface.visible_nodes));
  surface.stage.menu(item, event);
  return !item && surface.pickedLink === null;
}

/** From where the finger rests a box is drawn, as by a mouse; what it holds replaces the selection. */
export function boxFrom(surface: Surface, pressed: PointerEvent): void {
  const before = surface.marking;
  surface.marking = true;
  surface.processMouseDown(pressed);
  surface.marking = before;
}
