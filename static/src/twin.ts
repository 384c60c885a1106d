/** Alt and a drag: copies are dragged away, and what was there stays, as in every drawing program. */
import type { LGraphNode } from "@comfyorg/litegraph";
import { Card } from "./card.ts";
import { TITLE } from "./layout.ts";
import type { Pair } from "./types.ts";
import type { GraphView } from "./view.ts";

/** So close to its sides a press is meant for the sockets of a card. */
const SOCKETS = 20;
let gestures = 0;

/** To be told before LiteGraph takes the press: it then takes hold of the copy. */
export function attachTwin(view: GraphView, host: HTMLElement, signal: AbortSignal): void {
  host.addEventListener("pointerdown", (event) => {
    if (event.altKey && !event.ctrlKey && !event.metaKey && event.button === 0 && event.isPrimary && event.target === view.element && !view.locked) twin(view, event);
  }, { capture: true, signal });
}

function twin(view: GraphView, event: PointerEvent): void {
  const { surface } = view;
  const [x, y] = surface.convertEventToCanvasOffset(event) as Pair;
  const node = surface.graph?.getNodeOnPos(x, y, surface.visible_nodes);
  if (!node || node.flags.pinned || onSocket(node, x, y)) return;
  if (!surface.selectedItems.has(node)) surface.selectItems([node]);
  const before = [...surface.selectedItems];
  const piece = view.commands.copy();
  if (!piece) return;
  view.flush();
  const fresh = view.editor.paste(piece, [0, 0]);
  const { cards, notes, frames } = view.model;
  const made = [...fresh.groups.map(({ id }) => frames.get(id)), ...fresh.notes.map(({ id }) => notes.get(id)), ...fresh.nodes.map(({ id }) => cards.get(id))].filter((item) => item !== undefined);
  surface.selectItems(made.filter((item) => !item.shelter) as never[]);
  surface.visible_nodes = surface.computeVisibleNodes(undefined, []);
  const tag = `twin ${(gestures += 1)}`;
  view.changed(tag);
  // before LiteGraph is told that the button was let go
  window.addEventListener("pointerup", () => settle(view, tag, made, before), { capture: true, once: true });
}

/** A drag and the copying before it are one step of undo; a mere click copies nothing. */
function settle(view: GraphView, tag: string, made: { graph?: unknown }[], before: unknown[]): void {
  const { surface } = view;
  const { pointer } = surface;
  view.changed(tag);
  if (pointer.dragStarted) return;
  pointer.onClick = () => {
    for (const item of made) view.model.graph.remove(item as never);
    surface.selectItems(before as never[]);
    view.changed(tag);
  };
}

function onSocket(node: LGraphNode, x: number, y: number): boolean {
  const [left, top] = [x - node.pos[0]!, y - node.pos[1]!];
  return node instanceof Card && top > TITLE && (left < SOCKETS || left > node.size[0]! - SOCKETS);
}
