/** Laying out all of the graph, or the selection: groups stay together, what is fixed stays where it is. */
import type { LLink } from "@comfyorg/litegraph";
import { bentCurves, curveOf, setBends } from "./bends.ts";
import { bounds } from "./camera.ts";
import { Card } from "./card.ts";
import { crossed } from "./clear-way.ts";
import { MOST_BENDS } from "./document.ts";
import { type Edge, type Item, layered, type Room } from "./layered.ts";
import { Frame, Note } from "./note.ts";
import type { Model } from "./model.ts";
import type { Pair } from "./types.ts";

type Thing = Card | Note | Frame;

/** Points of a link, as far as they lie from the corner of a thing that moves with them. */
interface Route {
  link: LLink;
  anchor: Thing;
  points: Pair[];
}

const [SIDE, HEAD, FOOT] = [24, 52, 24];
const [STEP, RINGS] = [40, 60];
const AROUND = [[0, -1], [0, 1], [-1, 0], [1, 0], [-1, -1], [1, -1], [-1, 1], [1, 1]];

/** Arranges these things and all that their groups hold; nothing chosen means everything, in what can be seen at once. */
export function autoLayout(model: Model, chosen: Thing[], room: Room | null = null): void {
  const some = chosen.length > 1;
  const all = some ? chosen : [...model.frames.values(), ...model.cards.values()];
  const parents = parentsOf(model, all);
  const top = all.filter((item) => !parents.has(item) && !(item instanceof Note) && !item.shelter);
  const anchor = bounds(top);
  if (!anchor) return;
  const notes = followers(model, [...model.cards.values()]);
  const routes: Route[] = [];
  level(model, top, [anchor[0], anchor[1]], parents, routes, some ? null : room);
  for (const [note, card, dx, dy] of notes) if (!note.pinned) note.pos = uncovered(model, note, [card.pos[0]! + dx, card.pos[1]! + dy]);
  const moved = model.reach(top);
  lead(model, routes, (card) => moved.has(card));
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

/** Where a note covers nothing, as near as can be to where it would lie. */
function uncovered(model: Model, note: Note, [x, y]: Pair): Pair {
  const others = [...model.cards.values(), ...model.frames.values(), ...model.notes.values()].filter((item) => item !== note && !item.shelter);
  const [w, h] = [note.size[0]! + STEP / 2, note.size[1]! + STEP / 2];
  const free = ([px, py]: Pair) => others.every(({ pos, size }) => px >= pos[0]! + size[0]! + STEP / 2 || px + w <= pos[0]! || py >= pos[1]! + size[1]! + STEP / 2 || py + h <= pos[1]!);
  for (let ring = 0; ring < RINGS; ring += 1) {
    const around = ring === 0 ? [[0, 0]] : AROUND;
    const spot = around.map(([dx, dy]): Pair => [x + dx! * ring * STEP, y + dy! * ring * STEP]).find(free);
    if (spot) return spot;
  }
  return [x, y];
}

/** Places things beside each other from a corner on; groups are laid out inside first, so that their size is known. */
function level(model: Model, items: Thing[], [left, top]: Pair, parents: Map<Thing, Frame>, routes: Route[], room: Room | null): void {
  const free = items.filter((item) => !item.pinned);
  for (const item of free) if (item instanceof Frame && !item.collapsed) within(model, item, parents, routes);
  const links = [...model.graph._links.values()];
  const boxes = free.map((item, i): Item => ({ id: String(i), w: item.size[0]!, h: item.size[1]! }));
  const laid = layered(boxes, edgesOf(model, free, links), room);
  const fixed = items.filter((item) => item.pinned);
  const before = new Set(routes);
  for (const [edge, points] of laid.routes) routes.push({ link: links[edge]!, anchor: free[0]!, points });
  for (const [i, item] of free.entries()) {
    const [x, y] = laid.places.get(String(i))!;
    moveTo(item, clear(item, Math.round((left + x) / 10) * 10, Math.round((top + y) / 10) * 10, fixed), parents);
  }
  const [x, y] = laid.places.get("0") ?? [0, 0];
  for (const route of routes) if (!before.has(route)) route.points = route.points.map((point): Pair => [point[0] - x, point[1] - y]);
}

/** With the heights of their sockets on the things they lie in. */
function edgesOf(model: Model, items: Thing[], links: LLink[]): Edge[] {
  const owner = owners(model, items);
  const spot = (id: LLink["origin_id"], side: "ins" | "outs", slot: number, at: string | undefined): number | undefined => {
    const [card, item] = [model.graph.getNodeById(id), at === undefined ? undefined : items[Number(at)]];
    const pos = card instanceof Card && card[side][slot]?.pos;
    return pos && item ? (item instanceof Frame && item.collapsed ? item.size[1]! / 2 : card.pos[1]! + pos[1]! - item.pos[1]!) : undefined;
  };
  return links.map((link): Edge => {
    const [from, to] = [owner.get(link.origin_id), owner.get(link.target_id)];
    return [from ?? "", to ?? "", spot(link.origin_id, "outs", link.origin_slot, from), spot(link.target_id, "ins", link.target_slot, to)];
  });
}

/** Links keep their points only where these keep them clear of cards. */
function lead(model: Model, routes: Route[], moved: (card: Card) => boolean): void {
  const points = new Map(routes.map(({ link, anchor, points: all }) => [link, all.map(([x, y]): Pair => [Math.round(anchor.pos[0]! + x), Math.round(anchor.pos[1]! + y)])]));
  const cards = [...model.cards.values()].filter((card) => !card.shelter);
  for (const link of model.graph._links.values()) {
    const [from, to] = [model.graph.getNodeById(link.origin_id), model.graph.getNodeById(link.target_id)];
    if (!(from instanceof Card && to instanceof Card && moved(from) && moved(to))) continue;
    setBends(link, []);
    const via = points.get(link);
    const [a, b] = [from.outs[link.origin_slot]?.pos, to.ins[link.target_slot]?.pos];
    if (!via || !a || !b || from.shelter || to.shelter) continue;
    const others = cards.filter((card) => card !== from && card !== to);
    const [start, end]: [Pair, Pair] = [[from.pos[0]! + a[0]!, from.pos[1]! + a[1]!], [to.pos[0]! + b[0]!, to.pos[1]! + b[1]!]];
    const direct = end[0] > start[0] ? crossed(others, [curveOf(start, end)]) : 0;
    if (direct > 0 && crossed(others, bentCurves({ a: start, b: end, via })) < direct) setBends(link, via.slice(0, MOST_BENDS));
  }
}

/** Below whatever is fixed where it would lie. */
function clear(item: Thing, x: number, y: number, fixed: Thing[]): Pair {
  const hit = fixed.find(({ pos, size }) => x < pos[0]! + size[0]! && x + item.size[0]! > pos[0]! && y < pos[1]! + size[1]! && y + item.size[1]! > pos[1]!);
  return hit ? clear(item, x, Math.ceil((hit.pos[1]! + hit.size[1]! + 40) / 10) * 10, fixed.filter((each) => each !== hit)) : [x, y];
}

/** The things of one group, and then its frame around them. */
function within(model: Model, frame: Frame, parents: Map<Thing, Frame>, routes: Route[]): void {
  const inside = model.held(frame).filter((item) => parents.get(item) === frame);
  const parts = inside.filter((item) => !(item instanceof Note));
  if (!parts.length) return;
  level(model, parts, [frame.pos[0]! + SIDE, frame.pos[1]! + HEAD], parents, routes, null);
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
