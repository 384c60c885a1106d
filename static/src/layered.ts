/** Layered layout: pure. Columns by longest way, order by medians against crossings, heights by what is linked. */

export interface Item {
  id: string;
  w: number;
  h: number;
}

export type Edge = [from: string, to: string];
export type Places = Map<string, [x: number, y: number]>;

const ACROSS = 90;
const DOWN = 40;
const SWEEPS = 8;
/** Longer edges get no points of their own: in a deep graph they would be most of it. */
const LONGEST = 12;

interface Cell {
  id: string;
  w: number;
  h: number;
  /** A point through which a long edge passes; it takes hardly any room. */
  dummy: boolean;
  before: Cell[];
  after: Cell[];
  y: number;
}

/** A place for every item, from (0, 0) to the right and down; edges of loops that lead back count for nothing. */
export function layered(items: Item[], edges: Edge[]): Places {
  const forward = acyclic(items, edges);
  const column = ranks(items, forward);
  const columns = cells(items, forward, column);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) order(columns, sweep % 2 === 0);
  stack(columns);
  return places(columns);
}

/** The edges without those that close a loop, each pair once. */
function acyclic(items: Item[], edges: Edge[]): Edge[] {
  const known = new Set(items.map(({ id }) => id));
  const next = new Map<string, Set<string>>(items.map(({ id }) => [id, new Set()]));
  for (const [from, to] of edges) if (from !== to && known.has(from) && known.has(to)) next.get(from)!.add(to);
  const state = new Map<string, "open" | "done">();
  const kept: Edge[] = [];
  for (const { id } of items) {
    const path: [string, Iterator<string>][] = state.has(id) ? [] : [[id, next.get(id)!.values()]];
    if (path.length) state.set(id, "open");
    while (path.length) {
      const [at, rest] = path.at(-1)!;
      const { value, done } = rest.next();
      if (done) {
        state.set(at, "done");
        path.pop();
      } else if (state.get(value) !== "open") {
        kept.push([at, value]);
        if (state.has(value)) continue;
        state.set(value, "open");
        path.push([value, next.get(value)!.values()]);
      }
    }
  }
  return kept;
}

/** The longest way from a beginning; beginnings then move right, up to what they feed. */
function ranks(items: Item[], edges: Edge[]): Map<string, number> {
  const into = new Map<string, number>(items.map(({ id }) => [id, 0]));
  const out = new Map<string, string[]>(items.map(({ id }) => [id, []]));
  for (const [from, to] of edges) {
    into.set(to, into.get(to)! + 1);
    out.get(from)!.push(to);
  }
  const rank = new Map<string, number>(items.map(({ id }) => [id, 0]));
  const first = new Set(items.filter(({ id }) => into.get(id) === 0).map(({ id }) => id));
  const ready = [...first];
  for (let i = 0; i < ready.length; i += 1) {
    for (const to of out.get(ready[i]!)!) {
      rank.set(to, Math.max(rank.get(to)!, rank.get(ready[i]!)! + 1));
      into.set(to, into.get(to)! - 1);
      if (into.get(to) === 0) ready.push(to);
    }
  }
  for (const id of first) {
    const fed = out.get(id)!.map((to) => rank.get(to)!);
    if (fed.length) rank.set(id, Math.min(...fed) - 1);
  }
  return rank;
}

function cells(items: Item[], edges: Edge[], rank: Map<string, number>): Cell[][] {
  const make = (id: string, w: number, h: number, dummy: boolean): Cell => ({ id, w, h, dummy, before: [], after: [], y: 0 });
  const all = new Map(items.map(({ id, w, h }) => [id, make(id, w, h, false)]));
  const columns: Cell[][] = Array.from({ length: Math.max(0, ...rank.values()) + 1 }, () => []);
  for (const [id, cell] of all) columns[rank.get(id)!]!.push(cell);
  for (const [from, to] of edges) {
    let last = all.get(from)!;
    const span = rank.get(to)! - rank.get(from)!;
    for (let at = rank.get(from)! + 1; span <= LONGEST && at < rank.get(to)!; at += 1) {
      const point = make("", 0, 0, true);
      columns[at]!.push(point);
      last = join(last, point);
    }
    join(last, all.get(to)!);
  }
  return columns;
}

function join(from: Cell, to: Cell): Cell {
  from.after.push(to);
  to.before.push(from);
  return to;
}

/** One sweep: every column by the medians of its neighbours' places; who has none stays. */
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

function median(cells: Cell[], at: Map<Cell, number>): number | null {
  if (!cells.length) return null;
  const places = cells.map((cell) => at.get(cell)!).sort((a, b) => a - b);
  const half = places.length >> 1;
  return places.length % 2 ? places[half]! : (places[half - 1]! + places[half]!) / 2;
}

/** Heights: stacked first, then drawn towards the middle of the neighbours without overtaking anybody. */
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
  return cell.dummy ? DOWN / 2 : cell.h + DOWN;
}

function settle(column: Cell[], rightward: boolean): void {
  const wish = column.map((cell) => {
    const beside = rightward ? cell.before : cell.after;
    if (!beside.length) return cell.y;
    return beside.reduce((sum, { y, h }) => sum + y + h / 2, 0) / beside.length - cell.h / 2;
  });
  const down = column.map(() => 0);
  const up = column.map(() => 0);
  for (const [i] of column.entries()) down[i] = i === 0 ? wish[0]! : Math.max(wish[i]!, down[i - 1]! + room(column[i - 1]!));
  for (let i = column.length - 1; i >= 0; i -= 1) up[i] = i === column.length - 1 ? wish[i]! : Math.min(wish[i]!, up[i + 1]! - room(column[i]!));
  // both keep the order and the gaps, so does their mean
  for (const [i, cell] of column.entries()) cell.y = (down[i]! + up[i]!) / 2;
}

function places(columns: Cell[][]): Places {
  const found: Places = new Map();
  const top = Math.min(0, ...columns.flat().filter(({ dummy }) => !dummy).map(({ y }) => y));
  let x = 0;
  for (const column of columns) {
    const real = column.filter(({ dummy }) => !dummy);
    for (const { id, y } of real) found.set(id, [x, y - top]);
    x += Math.max(0, ...real.map(({ w }) => w)) + ACROSS;
  }
  return found;
}
