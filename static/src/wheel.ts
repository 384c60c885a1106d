/** The wheel and the trackpad. */
import type { Surface } from "./surface.ts";

/** A mouse wheel zooms at the pointer; two fingers on a trackpad pan, and zoom when they pinch. */
export function wheel(surface: Surface, event: WheelEvent & { wheelDeltaY?: number }): void {
  event.preventDefault();
  event.stopPropagation();
  const notch = event.wheelDeltaY ?? -event.deltaY * 3;
  const stepped = event.deltaX === 0 && notch !== 0 && notch % 120 === 0;
  const at: [number, number] = [event.clientX, event.clientY];
  const { ds } = surface;
  if (event.ctrlKey || event.metaKey) ds.changeScale(ds.scale * Math.exp(-event.deltaY * (stepped ? 0.0015 : 0.01)), at, !stepped);
  else if (stepped && !event.shiftKey) ds.changeScale(ds.scale * (notch > 0 ? 1.12 : 1 / 1.12), at);
  else surface.pan(event.shiftKey ? -event.deltaY : -event.deltaX, event.shiftKey ? 0 : -event.deltaY);
  surface.redraw();
}
