/** Points of links under the pointer: found, dragged, added and taken away. */
import { type CanvasPointer, type CanvasPointerEvent, LiteGraph } from "@comfyorg/litegraph";
import { bendsOf, setBends, slotFor } from "./bends.ts";
import { MOST_BENDS } from "./document.ts";
import type { Scene, Wire } from "./scene.ts";
import type { Surface } from "./surface.ts";
import type { Pair } from "./types.ts";

export interface Bend {
  wire: Wire;
  index: number;
}

const REACH = 9;

/** The handle at a point, if any. */
export function bendAt(scene: Scene, x: number, y: number, scale: number): Bend | null {
  const reach = Math.max(REACH, REACH / scale);
  for (const wire of scene.wires) {
    const index = wire.via.findIndex((point) => Math.hypot(point[0] - x, point[1] - y) <= reach);
    if (index >= 0) return { wire, index };
  }
  return null;
}

function snapped(x: number, y: number): Pair {
  const step = LiteGraph.alwaysSnapToGrid ? LiteGraph.CANVAS_GRID_SIZE : 1;
  return [Math.round(x / step) * step, Math.round(y / step) * step];
}

/** A new point on a link; where it stands among the others, or null when there are too many. */
export function addBend(wire: Wire, x: number, y: number): number | null {
  const via = bendsOf(wire.link);
  if (via.length >= MOST_BENDS) return null;
  const index = slotFor({ a: wire.a, b: wire.b, via }, [x, y]);
  setBends(wire.link, via.toSpliced(index, 0, snapped(x, y)));
  return index;
}

export function removeBend({ wire, index }: Bend): void {
  setBends(wire.link, bendsOf(wire.link).toSpliced(index, 1));
}

/** A press on a link or one of its points: click picks, double click adds or removes a point, Alt adds one to drag. */
export function pressWire(surface: Surface, event: CanvasPointerEvent, wire: Wire, bend: Bend | null): void {
  const { pointer } = surface;
  const touched = () => surface.redraw();
  const [x, y] = [event.canvasX, event.canvasY];
  const added = !bend && event.altKey ? addBend(wire, x, y) : null;
  const held = bend ?? (added === null ? null : { wire, index: added });
  pointer.onClick = () => surface.pick(wire.link.id, bend);
  pointer.onDoubleClick = () => {
    if (bend) removeBend(bend);
    else addBend(wire, x, y);
    touched();
  };
  if (held) carry(pointer, held, touched);
}

/** From now on the pointer carries the point. */
function carry(pointer: CanvasPointer, { wire, index }: Bend, moved: () => void): void {
  pointer.onDragStart = () => undefined;
  pointer.onDragEnd = moved;
  pointer.onDrag = (event: CanvasPointerEvent) => {
    if (!pointer.dragStarted) return;
    setBends(wire.link, bendsOf(wire.link).with(index, snapped(event.canvasX, event.canvasY)));
    moved();
  };
}
