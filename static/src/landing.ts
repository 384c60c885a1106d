/** Where a thing from outside the page lands: a point of the graph, and the node under it. */
import { Card } from "./card.ts";
import type { Pair } from "./types.ts";
import type { GraphView } from "./view.ts";

export interface Landing {
  x: number;
  y: number;
  node: string | null;
}

export function landing(view: GraphView, event: { clientX: number; clientY: number }): Landing {
  const { x, y } = view.place(event);
  const found = view.model.graph.getNodeOnPos(x, y, view.surface.visible_nodes);
  return { x, y, node: found instanceof Card ? found.key : null };
}

/** In the middle of what is seen: for what comes without a place, such as a paste. */
export function middle(view: GraphView): Landing {
  const { surface, chrome } = view;
  const [x, y] = surface.ds.convertCanvasToOffset([chrome.width / 2, chrome.height / 2]) as Pair;
  const chosen = view.chosen(Card);
  return { x: Math.round(x), y: Math.round(y), node: chosen.length === 1 ? chosen[0]!.key : null };
}
