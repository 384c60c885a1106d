/** Connects a view to what happens in the page, until the signal says stop. */
import type { CanvasPointerEvent } from "@comfyorg/litegraph";
import { attachClipboard } from "./clipboard.ts";
import { hoverText } from "./hover.ts";
import { attachKeys } from "./keys.ts";
import { currentDrag } from "./linking.ts";
import { Frame } from "./note.ts";
import { FAR } from "./paint-nodes.ts";
import { boxFrom, longPress } from "./pressing.ts";
import { attachLongPress, attachPinch } from "./touch.ts";
import { attachTwin } from "./twin.ts";
import type { Pair } from "./types.ts";
import type { GraphView } from "./view.ts";

export function listen(view: GraphView, signal: AbortSignal): void {
  const { graph } = view.model;
  const { frame, board, tip } = view.chrome;
  graph.onAfterChange = graph.onNodeAdded = graph.onNodeRemoved = () => view.changed();
  // Dragging a link off its input fires no hook, and LiteGraph stops propagation: listen first, for all.
  for (const name of ["pointerup", "keyup"]) window.addEventListener(name, () => view.changed(), { capture: true, signal });
  view.surface.onSelectionChange = () => view.selectionChanged();
  board.addEventListener("litegraph:canvas", (event) => heard(view, (event as CustomEvent).detail), { signal });
  board.addEventListener("wheel", () => view.tellZoom(), { signal });
  frame.addEventListener("pointermove", (event) => hover(view, event), { signal });
  frame.addEventListener("pointerleave", () => tip.hide(), { signal });
  frame.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  frame.addEventListener("pointerdown", () => tip.hide(), { capture: true, signal });
  attachTwin(view, frame, signal);
  attachKeys(view.commands, board, signal);
  attachClipboard(view.commands, board, signal);
  attachPinch(view.surface, frame, signal);
  attachLongPress(view.surface, frame, (event) => longPress(view.surface, event), (event) => (view.pops.close(), boxFrom(view.surface, event)), signal);
  void document.fonts.load("14px 'Material Icons'").then((found) => view.fontsReady(found.length > 0), () => undefined);
}

interface Heard {
  subType: string;
  originalEvent?: CanvasPointerEvent;
}

function heard(view: GraphView, { subType, originalEvent }: Heard): void {
  if (!originalEvent || view.locked) return;
  const box = view.element.getBoundingClientRect();
  const at: Pair = [originalEvent.clientX - box.x, originalEvent.clientY - box.y];
  const frame = subType === "group-double-click" ? view.model.graph.getGroupTitlebarOnPos(originalEvent.canvasX, originalEvent.canvasY) : undefined;
  if (frame instanceof Frame) view.pops.group(frame);
  else if ((subType === "empty-double-click" || subType === "group-double-click") && !view.surface.linkUnder(originalEvent)) view.pops.quickAdd(at);
  const drag = subType === "empty-release" ? currentDrag(view.surface.linkConnector) : null;
  if (drag && !drag.moving.length) view.pops.quickAdd(at, drag);
}

function hover(view: GraphView, event: PointerEvent): void {
  const { surface, chrome } = view;
  const box = chrome.frame.getBoundingClientRect();
  const [x, y] = (view.pointer = [event.clientX - box.x, event.clientY - box.y]);
  if (surface.linkConnector.isConnecting) {
    const why = surface.aim()?.refusal;
    if (why) chrome.tip.warn(why, x, y, false);
    else chrome.tip.hide();
    return;
  }
  if (event.buttons || event.target !== chrome.board) return;
  const [canvasX, canvasY] = surface.convertEventToCanvasOffset(event) as Pair;
  surface.graph_mouse[0] = canvasX;
  surface.graph_mouse[1] = canvasY;
  const node = surface.graph?.getNodeOnPos(canvasX, canvasY, surface.visible_nodes);
  const hot = node ? null : surface.linkUnder({ canvasX, canvasY });
  if (hot !== surface.hotLink) surface.redraw();
  surface.hotLink = hot;
  chrome.tip.hint(surface.ds.scale < FAR ? "" : hoverText(surface, view.problems.list), x, y);
}
