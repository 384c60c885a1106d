/** Layered layout: pure. Columns by longest way, in one row or two, and points for links that must go around cards. */
import { type Columns, columnsOf, DOWN, LANE } from "./columns.ts";
import { fold, ROWS } from "./folds.ts";
import { type Across, lanes } from "./lanes.ts";
import { acyclic, ranks } from "./ranks.ts";
import type { Pair } from "./types.ts";

export interface Item {
  id: string;
  w: number;
  h: number;
}

/** With the heights of both sockets, where they are known. */
export type Edge = [from: string, to: string, out?: number, into?: number];
export type Places = Map<string, Pair>;
/** What can be seen at once, in the graph's units. */
export interface Room {
  w: number;
  h: number;
}

export interface Laid {
  places: Places;
  /** By the edge's place in the list: the points it has to pass to stay clear of cards. */
  routes: Map<number, Pair[]>;
}

export const ACROSS = 90;
/** How far beside a card a link turns towards the other row. */
const ASIDE = 34;

/** A place for every item, from (0, 0) to the right and down; edges of loops that lead back count for nothing. */
export function layered(items: Item[], edges: Edge[], room: Room | null = null): Laid {
  const ways = acyclic(items, edges);
  const ends = new Set(ways.flat());
  const alone = items.filter(({ id }) => !ends.has(id));
  const found: Laid = { places: new Map(), routes: new Map() };
  const below = rows(items.filter(({ id }) => ends.has(id)), edges, ways, room, found);
  if (alone.length) aside(alone, below, found.places);
  return found;
}

/** What is linked, in one row or two; how far down it goes. */
function rows(items: Item[], edges: Edge[], ways: [string, string][], room: Room | null, found: Laid): number {
  if (!items.length) return 0;
  const rank = ranks(items, ways);
  const cut = room && fold(items, ways, rank, room);
  if (cut === null) return row(items, edges, ways, rank, 0, found);
  const first = (id: string) => rank.get(id)! < cut;
  const later = new Map([...rank].map(([id, at]) => [id, at - cut]));
  const bottom = row(items.filter(({ id }) => first(id)), edges, ways.filter(([from, to]) => first(from) && first(to)), rank, 0, found);
  const across = [...edges.entries()].filter(([, [from, to]]) => rank.has(from) && rank.has(to) && first(from) && !first(to));
  const gap = ROWS + LANE * across.length;
  const end = row(items.filter(({ id }) => !first(id)), edges, ways.filter(([from, to]) => !first(from) && !first(to)), later, bottom + gap, found);
  between(items, across, bottom + ROWS / 2, found);
  return end;
}

/** What has no links stands below, side by side as in a text. */
function aside(alone: Item[], below: number, places: Places): void {
  const widest = Math.max(...alone.map(({ w }) => w));
  const square = Math.sqrt(alone.length * 1.6) * (widest + DOWN);
  const edge = Math.max(square, ...[...places.values()].map(([at]) => at + widest));
  let [x, y, tall] = [0, below ? below + ROWS : 0, 0];
  for (const { id, w, h } of alone) {
    if (x > 0 && x + w > edge) [x, y, tall] = [0, y + tall + DOWN, 0];
    places.set(id, [x, y]);
    [x, tall] = [x + w + DOWN, Math.max(tall, h)];
  }
}

/** One row of columns from a height on; how far down it goes. */
function row(items: Item[], edges: Edge[], ways: [string, string][], rank: ReadonlyMap<string, number>, top: number, found: Laid): number {
  const made = columnsOf(items, edges, ways, rank);
  const across = spread(made);
  const routes = new Map<number, Pair[]>();
  lanes(made, across, routes);
  const real = made.columns.flat().filter(({ dummy }) => !dummy);
  const up = Math.min(...real.map(({ y }) => y), ...[...routes.values()].flat().map(([, y]) => y), Infinity);
  const by = top - (Number.isFinite(up) ? up : 0);
  for (const [i, column] of made.columns.entries()) {
    for (const { id, dummy, y } of column) if (!dummy) found.places.set(id, [across[i]!.x, y + by]);
  }
  for (const [edge, points] of routes) found.routes.set(edge, points.map(([x, y]) => [x, y + by]));
  return Math.max(top, ...real.map(({ y, h }) => y + h + by), ...[...routes.values()].flat().map(([, y]) => y + by));
}

function spread({ columns }: Columns): Across {
  let x = 0;
  return columns.map((column) => {
    const w = Math.max(0, ...column.map((cell) => cell.w));
    const here = { x, w };
    x += w + ACROSS;
    return here;
  });
}

/** Links from the first row to the second: down beside their card, along between the rows, down beside the other. */
function between(items: Item[], across: [number, Edge][], top: number, { places, routes }: Laid): void {
  const size = new Map(items.map((item) => [item.id, item]));
  const order = across.toSorted(([, a], [, b]) => places.get(b[0])![0] - places.get(a[0])![0]);
  for (const [k, [edge, [from, to]]] of order.entries()) {
    const y = Math.round(top + k * LANE);
    const [right, left] = [places.get(from)![0] + size.get(from)!.w, places.get(to)![0]];
    routes.set(edge, [[right + ASIDE, y], [left - ASIDE, y]]);
  }
}
