/** What a right click and a double click on something open. */
import type { CanvasPointerEvent, LGraphNode, Positionable } from "@comfyorg/litegraph";
import { Card } from "./card.ts";
import { editNote } from "./note-editor.ts";
import { Frame, Note } from "./note.ts";
import type { MenuRequest, Pair } from "./types.ts";
import type { GraphView } from "./view.ts";

export function openMenu(view: GraphView, item: Positionable | undefined, event: CanvasPointerEvent): void {
  const box = view.element.getBoundingClientRect();
  view.pointer = [event.clientX - box.x, event.clientY - box.y];
  const kind = kindOf(view, item);
  const id = item instanceof Card || item instanceof Note || item instanceof Frame ? item.key : null;
  view.options.onMenu?.({ kind, id, ...view.place(event) });
  view.pops.menu(kind, view.pointer);
}

/** Beside what is selected, or in the middle. */
export function openMenuByKey(view: GraphView): void {
  const [item] = view.surface.selectedItems;
  const { width, height } = view.chrome;
  const corner = item && (view.surface.ds.convertOffsetToCanvas([item.pos[0]! + 24, item.pos[1]! + 24]) as Pair);
  const seen = corner && corner[0] > 0 && corner[1] > 0 && corner[0] < width && corner[1] < height;
  view.pops.menu(kindOf(view, item), seen ? corner : [width / 2, height / 2]);
}

function kindOf(view: GraphView, item: Positionable | undefined): MenuRequest["kind"] {
  if (view.surface.selectedItems.size > 1 && item) return "selection";
  if (item instanceof Card) return "node";
  if (item instanceof Note) return "note";
  if (item instanceof Frame) return "group";
  return view.surface.pickedLink === null ? "canvas" : "link";
}

export function openNode(view: GraphView, node: LGraphNode): void {
  if (node instanceof Card) view.options.onOpen?.(node.key);
  if (!(node instanceof Note) || view.locked) return;
  editNote(view.surface, view.chrome.frame, node, (text) => {
    view.editor.setNote(node.key, text);
    view.flush();
  });
}
