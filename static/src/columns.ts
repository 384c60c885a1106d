/** The columns of a layered layout: order against crossings, heights by what is linked. Pure. */
import type { Edge, Item } from "./layered.ts";

export const DOWN = 40;
/** From one lane to the next. */
export const LANE = 14;
const SWEEPS = 8;
/** Longer edges get no points of their own: in a deep graph they would be most of it. */
const LONGEST = 12;

/** A neighbour, and how far down each of the two their sockets are. */
interface Tie {
  cell: Cell;
  there: number;
  here: number;
}

export interface Cell {
  id: string;
  w: number;
  h: number;
  /** A place through which long edges pass; it takes hardly any room. */
  dummy: boolean;
  before: Tie[];
  after: Tie[];
  y: number;
}

/** All edges between two items, and the places through which they pass. */
export interface Chain {
  edges: number[];
  from: Cell;
  to: Cell;
  cells: Cell[];
  /** Of the first of these cells. */
  column: number;
}

export interface Columns {
  columns: Cell[][];
  chains: Chain[];
}

/** Items in their columns, ordered and stacked; `ways` are the edges that lead forward. */
export function columnsOf(items: Item[], edges: Edge[], ways: readonly [string, string][], rank: ReadonlyMap<string, number>): Columns {
  const made = cells(items, edges, ways, rank);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) order(made.columns, sweep % 2 === 0);
  stack(made.columns);
  return made;
}

function cells(items: Item[], edges: Edge[], ways: readonly [string, string][], rank: ReadonlyMap<string, number>): Columns {
  const make = (id: string, w: number, h: number, dummy: boolean): Cell => ({ id, w, h, dummy, before: [], after: [], y: 0 });
  const all = new Map(items.map(({ id, w, h }) => [id, make(id, w, h, false)]));
  const columns: Cell[][] = Array.from({ length: Math.max(0, ...items.map(({ id }) => rank.get(id)!)) + 1 }, () => []);
  for (const [id, cell] of all) columns[rank.get(id)!]!.push(cell);
  const between = grouped(edges);
  const chains: Chain[] = [];
  for (const [from, to] of ways) {
    const [start, end] = [all.get(from)!, all.get(to)!];
    const mine = between.get(`${from}\n${to}`) ?? [];
    const middle = (at: 2 | 3, h: number) => mine.reduce((sum, i) => sum + (edges[i]![at] ?? h / 2), 0) / (mine.length || 1);
    const [first, last] = [rank.get(from)! + 1, rank.get(to)!];
    const chain: Chain = { edges: mine, from: start, to: end, cells: [], column: first };
    let tail: [Cell, number] = [start, middle(2, start.h)];
    for (let at = first; last - first < LONGEST && at < last; at += 1) {
      const point = make("", 0, LANE * (mine.length - 1), true);
      columns[at]!.push(point);
      chain.cells.push(point);
      join(tail, [point, point.h / 2]);
      tail = [point, point.h / 2];
    }
    join(tail, [end, middle(3, end.h)]);
    if (chain.cells.length) chains.push(chain);
  }
  return { columns, chains };
}

function grouped(edges: Edge[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const [i, [from, to]] of edges.entries()) {
    const key = `${from}\n${to}`;
    const list = found.get(key) ?? [];
    list.push(i);
    found.set(key, list);
  }
  return found;
}

function join([from, out]: [Cell, number], [to, into]: [Cell, number]): void {
  from.after.push({ cell: to, there: into, here: out });
  to.before.push({ cell: from, there: out, here: into });
}

/** One sweep: every column by the medians of its neighbours' sockets; who has none stays. */
function order(columns: Cell[][], rightward: boolean): void {
  const at = new Map<Cell, number>();
  for (const column of columns) for (const [i, cell] of column.entries()) at.set(cell, i);
  for (let step = 1; step < columns.length; step += 1) {
    const column = columns[rightward ? step : columns.length - 1 - step]!;
    const want = column.map((cell, i) => ({ cell, i, place: median(rightward ? cell.before : cell.after, at) ?? i }));
    want.sort((a, b) => a.place - b.place || a.i - b.i);
    for (const [i, { cell }] of want.entries()) {
      column[i] = cell;
      at.set(cell, i);
    }
  }
}

function median(ties: Tie[], at: Map<Cell, number>): number | null {
  if (!ties.length) return null;
  const places = ties.map(({ cell, there }) => at.get(cell)! + there / (cell.h + 1)).sort((a, b) => a - b);
  const half = places.length >> 1;
  return places.length % 2 ? places[half]! : (places[half - 1]! + places[half]!) / 2;
}

/** Heights: stacked first, then drawn towards the neighbours without overtaking anybody. */
function stack(columns: Cell[][]): void {
  for (const column of columns) {
    let y = 0;
    for (const cell of column) {
      cell.y = y;
      y += room(cell);
    }
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const rightward = sweep % 2 === 0;
    for (const column of rightward ? columns : columns.toReversed()) settle(column, rightward);
  }
}

function room(cell: Cell): number {
  return cell.h + (cell.dummy ? DOWN / 2 : DOWN);
}

/** Sockets want to be level with those they are linked to. */
function settle(column: Cell[], rightward: boolean): void {
  const wish = column.map((cell) => {
    const beside = rightward ? cell.before : cell.after;
    if (!beside.length) return cell.y;
    return beside.reduce((sum, { cell: other, there, here }) => sum + other.y + there - here, 0) / beside.length;
  });
  const down = column.map(() => 0);
  const up = column.map(() => 0);
  for (const [i] of column.entries()) down[i] = i === 0 ? wish[0]! : Math.max(wish[i]!, down[i - 1]! + room(column[i - 1]!));
  for (let i = column.length - 1; i >= 0; i -= 1) up[i] = i === column.length - 1 ? wish[i]! : Math.min(wish[i]!, up[i + 1]! - room(column[i]!));
  // both keep the order and the gaps, so does their mean
  for (const [i, cell] of column.entries()) cell.y = (down[i]! + up[i]!) / 2;
}
