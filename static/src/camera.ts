/** Where the view looks. */
import type { Model } from "./model.ts";
import type { Surface } from "./surface.ts";

export type Bounds = [x: number, y: number, width: number, height: number];

interface Placed {
  pos: ArrayLike<number>;
  size: ArrayLike<number>;
}

export function bounds(items: Iterable<Placed>): Bounds | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { pos, size } of items) {
    left = Math.min(left, pos[0]!);
    top = Math.min(top, pos[1]!);
    right = Math.max(right, pos[0]! + size[0]!);
    bottom = Math.max(bottom, pos[1]! + size[1]!);
  }
  return left === Infinity ? null : [left, top, right - left, bottom - top];
}

export function everything(model: Model): Bounds | null {
  return bounds([...model.cards.values(), ...model.notes.values(), ...model.frames.values()]);
}

const MARGIN = 36;

/** Shows a rectangle whole, never larger than life. */
export function look(surface: Surface, [x, y, w, h]: Bounds, width: number, height: number): void {
  const fit = Math.min((width - 2 * MARGIN) / w, (height - 2 * MARGIN) / h, 1);
  const scale = Math.max(surface.ds.min_scale, fit);
  surface.ds.scale = scale;
  surface.ds.offset = [width / 2 / scale - x - w / 2, height / 2 / scale - y - h / 2];
  surface.redraw();
}

const LEGIBLE = 0.45;

/** The first look: everything, or on small screens the beginning at a size that can be read. */
export function firstLook(surface: Surface, all: Bounds, width: number, height: number): void {
  look(surface, all, width, height);
  if (surface.ds.scale >= LEGIBLE) {
    // a beginning stands on the left: what comes next is put to its right
    if (all[2] < width * 0.4) surface.ds.offset[0] = (width * 0.12) / surface.ds.scale - all[0];
    return;
  }
  const scale = width < 700 ? 0.75 : LEGIBLE;
  surface.ds.scale = scale;
  const high = all[3] * scale > height - 2 * MARGIN;
  surface.ds.offset = [24 / scale - all[0], high ? MARGIN / scale - all[1] : height / 2 / scale - all[1] - all[3] / 2];
  surface.redraw();
}

export function centre(surface: Surface, item: Placed, width: number, height: number): void {
  if (surface.ds.scale < LEGIBLE) surface.ds.scale = 1;
  const { scale } = surface.ds;
  surface.ds.offset = [
    width / 2 / scale - item.pos[0]! - item.size[0]! / 2,
    height / 2 / scale - item.pos[1]! - item.size[1]! / 2,
  ];
  surface.redraw();
}
