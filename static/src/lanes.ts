/** Lanes for links that pass other columns: level stretches between the cards. Pure. */
import { type Cell, type Chain, type Columns, LANE } from "./columns.ts";
import type { Pair } from "./types.ts";

/** How far a lane stays away from cards. */
const CLEAR = 12;
/** How far outside of a column its lane begins and ends. */
const BESIDE = 22;

/** The heights that lanes have in each column. */
type Taken = number[][];

/** x of each column and its width. */
export type Across = { x: number; w: number }[];

/** The points of every edge that passes columns, level wherever the gaps allow it. */
export function lanes({ columns, chains }: Columns, across: Across, into: Map<number, Pair[]>): void {
  const taken: Taken = columns.map(() => []);
  const around = new Map<Cell, Pair>();
  for (const column of columns) gaps(column, around);
  for (const chain of chains) {
    const level = heights(chain, around, taken);
    for (const [i, y] of level.entries()) for (const [k] of chain.edges.entries()) taken[chain.column + i]!.push(y + k * LANE);
    for (const [k, edge] of chain.edges.entries()) into.set(edge, points(chain, level, across, k * LANE));
  }
}

function points(chain: Chain, level: number[], across: Across, aside: number): Pair[] {
  const found: Pair[] = [];
  for (const [i, y] of level.entries()) {
    const { x, w } = across[chain.column + i]!;
    if (i === 0 || level[i - 1] !== y) found.push([x - BESIDE, y + aside]);
    if (i === level.length - 1 || level[i + 1] !== y) found.push([x + w + BESIDE, y + aside]);
  }
  return found.map(([x, y]) => [Math.round(x), Math.round(y)]);
}

/** One height for each passed column; the same as before as long as the gap goes on. */
function heights(chain: Chain, around: ReadonlyMap<Cell, Pair>, taken: Taken): number[] {
  const gaps = chain.cells.map((cell) => around.get(cell)!);
  const found: number[] = [];
  while (found.length < gaps.length) {
    const start = found.length;
    let [low, high] = gaps[start]!;
    let end = start + 1;
    for (; end < gaps.length; end += 1) {
      const [above, below] = [Math.max(low, gaps[end]![0]), Math.min(high, gaps[end]![1])];
      if (above > below) break;
      [low, high] = [above, below];
    }
    const wish = chain.cells.slice(start, end).reduce((sum, { y }) => sum + y, 0) / (end - start);
    const y = free(Math.max(low, Math.min(high, wish)), low, high, taken.slice(chain.column + start, chain.column + end));
    while (found.length < end) found.push(y);
  }
  return found;
}

/** Every lane's gap: between the cards above and below, less the room the lanes themselves take. */
function gaps(column: Cell[], into: Map<Cell, Pair>): void {
  let low = -Infinity;
  let waiting: Cell[] = [];
  const close = (high: number): void => {
    for (const cell of waiting) into.set(cell, low <= high - cell.h ? [low, high - cell.h] : [cell.y, cell.y]);
    waiting = [];
  };
  for (const cell of column) {
    if (cell.dummy) waiting.push(cell);
    else {
      close(cell.y - CLEAR);
      low = cell.y + cell.h + CLEAR;
    }
  }
  close(Infinity);
}

/** The nearest height to a wish that nobody else's lane has. */
function free(wish: number, low: number, high: number, taken: Taken): number {
  for (let step = 0; step < 40; step += 1) {
    for (const y of [wish + (step * LANE) / 2, wish - (step * LANE) / 2]) {
      if (y >= low && y <= high && taken.every((column) => column.every((each) => Math.abs(each - y) >= LANE - 1))) return y;
    }
  }
  return wish;
}
