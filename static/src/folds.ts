/** Whether a long chain is set in two rows, as text is: it must be seen much larger that way. Pure. */
import { ACROSS, type Item, type Room } from "./layered.ts";
import { DOWN } from "./columns.ts";

/** Larger graphs are read by panning anyway. */
const MOST = 40;
const LEAST_COLUMNS = 5;
const LARGER = 1.3;
/** Between the rows, beside what their links take. */
export const ROWS = 90;

/** The first column of the second row; null when one row does. */
export function fold(items: Item[], ways: readonly [string, string][], rank: ReadonlyMap<string, number>, room: Room): number | null {
  const columns: Item[][] = Array.from({ length: Math.max(-1, ...rank.values()) + 1 }, () => []);
  for (const item of items) columns[rank.get(item.id)!]!.push(item);
  if (columns.length < LEAST_COLUMNS || items.length > MOST) return null;
  const whole = size(columns);
  let [best, found] = [Math.min(1, room.w / whole[0], room.h / whole[1]) * LARGER, null as number | null];
  for (let cut = 2; cut < columns.length - 1; cut += 1) {
    const [one, two] = [size(columns.slice(0, cut)), size(columns.slice(cut))];
    const broken = ways.filter(([from, to]) => rank.get(from)! < cut && rank.get(to)! >= cut).length;
    const [w, h] = [Math.max(one[0], two[0]), one[1] + two[1] + ROWS];
    const value = Math.min(1, room.w / w, room.h / h) * (1 - 0.02 * broken);
    if (value > best) [best, found] = [value, cut];
  }
  return found;
}

function size(columns: Item[][]): [w: number, h: number] {
  const wide = columns.reduce((sum, column) => sum + Math.max(0, ...column.map(({ w }) => w)) + ACROSS, -ACROSS);
  return [wide, Math.max(0, ...columns.map((column) => column.reduce((sum, { h }) => sum + h + DOWN, -DOWN)))];
}
