/** Laying out all of the graph, or the selection: groups stay together, what is fixed stays where it is. */
import { bounds } from "./camera.ts";
import { Card } from "./card.ts";
import { type Edge, type Item, layered } from "./layered.ts";
import { Frame, Note } from "./note.ts";
import type { Model } from "./model.ts";
import type { Pair } from "./types.ts";

type Thing = Card | Note | Frame;

const [SIDE, HEAD, FOOT] = [24, 52, 24];

/** Arranges these things and all that their groups hold; nothing chosen means everything. */
export function autoLayout(model: Model, chosen: Thing[]): void {
  const all = chosen.length > 1 ? chosen : [...model.frames.values(), ...model.cards.values()];
  const parents = parentsOf(model, all);
  const top = all.filter((item) => !parents.has(item) && !(item instanceof Note) && !item.shelter);
  const anchor = bounds(top);
  if (!anchor) return;
  const notes = followers(model, [...model.cards.values()]);
  level(model, top, [anchor[0], anchor[1]], parents);
  for (const [note, card, dx, dy] of notes) if (!note.pinned) note.pos = [card.pos[0]! + dx, card.pos[1]! + dy];
  model.graph.change();
}

/** What each thing lies in, the smallest group first. */
function parentsOf(model: Model, all: Thing[]): Map<Thing, Frame> {
  const frames = all.filter((item) => item instanceof Frame).sort((a, b) => a.size[0]! * a.size[1]! - b.size[0]! * b.size[1]!);
  const found = new Map<Thing, Frame>();
  for (const frame of frames) for (const item of model.held(frame)) if (!found.has(item)) found.set(item, frame);
  return found;
}

/** Notes that lie in no group go with the card they are nearest to. */
function followers(model: Model, cards: Card[]): [Note, Card, number, number][] {
  const grouped = new Set([...model.frames.values()].flatMap((frame) => model.held(frame)));
  const away = (note: Note, card: Card) => Math.hypot(note.pos[0]! - card.pos[0]!, note.pos[1]! - card.pos[1]!);
  return [...model.notes.values()].filter((note) => !grouped.has(note)).flatMap((note): [Note, Card, number, number][] => {
    const near = cards.reduce<Card | null>((best, card) => (best && away(note, best) <= away(note, card) ? best : card), null);
    return near ? [[note, near, note.pos[0]! - near.pos[0]!, note.pos[1]! - near.pos[1]!]] : [];
  });
}

/** Places things beside each other from a corner on; groups are laid out inside first, so that their size is known. */
function level(model: Model, items: Thing[], [left, top]: Pair, parents: Map<Thing, Frame>): void {
  const free = items.filter((item) => !item.pinned);
  for (const item of free) if (item instanceof Frame && !item.collapsed) within(model, item, parents);
  const owner = owners(model, free);
  const edges = [...model.graph._links.values()].map((link): Edge => [owner.get(link.origin_id) ?? "", owner.get(link.target_id) ?? ""]);
  const boxes = free.map((item, i): Item => ({ id: String(i), w: item.size[0]!, h: item.size[1]! }));
  const places = layered(boxes, edges);
  const fixed = items.filter((item) => item.pinned);
  for (const [i, item] of free.entries()) {
    const [x, y] = places.get(String(i))!;
    moveTo(item, clear(item, Math.round((left + x) / 10) * 10, Math.round((top + y) / 10) * 10, fixed), parents);
  }
}

/** Below whatever is fixed where it would lie. */
function clear(item: Thing, x: number, y: number, fixed: Thing[]): Pair {
  const hit = fixed.find(({ pos, size }) => x < pos[0]! + size[0]! && x + item.size[0]! > pos[0]! && y < pos[1]! + size[1]! && y + item.size[1]! > pos[1]!);
  return hit ? clear(item, x, Math.ceil((hit.pos[1]! + hit.size[1]! + 40) / 10) * 10, fixed.filter((each) => each !== hit)) : [x, y];
}

/** The things of one group, and then its frame around them. */
function within(model: Model, frame: Frame, parents: Map<Thing, Frame>): void {
  const inside = model.held(frame).filter((item) => parents.get(item) === frame);
  const parts = inside.filter((item) => !(item instanceof Note));
  if (!parts.length) return;
  level(model, parts, [frame.pos[0]! + SIDE, frame.pos[1]! + HEAD], parents);
  const around = bounds(inside)!;
  frame.pos = [around[0] - SIDE, around[1] - HEAD];
  frame.size = [around[2] + 2 * SIDE, around[3] + HEAD + FOOT];
}

/** LiteGraph's node id → index of the thing that it lies in. */
function owners(model: Model, items: Thing[]): Map<unknown, string> {
  const found = new Map<unknown, string>();
  for (const [i, item] of items.entries()) for (const each of model.reach([item])) if (each instanceof Card) found.set(each.id, String(i));
  return found;
}

/** Things move with what lay in them before anything moved: on the way they may pass over others. */
function moveTo(item: Thing, [x, y]: Pair, parents: Map<Thing, Frame>): void {
  shift(item, x - item.pos[0]!, y - item.pos[1]!, parents);
}

function shift(item: Thing, dx: number, dy: number, parents: Map<Thing, Frame>): void {
  item.move(dx, dy, true);
  if (item instanceof Frame) for (const [child, parent] of parents) if (parent === item) shift(child, dx, dy, parents);
}
