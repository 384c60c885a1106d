/** Which column each item of a layered layout stands in. Pure. */
import type { Edge, Item } from "./layered.ts";

type Way = [from: string, to: string];

/** The edges without those that close a loop, each pair once. */
export function acyclic(items: Item[], edges: Edge[]): Way[] {
  const known = new Set(items.map(({ id }) => id));
  const next = new Map<string, Set<string>>(items.map(({ id }) => [id, new Set()]));
  for (const [from, to] of edges) if (from !== to && known.has(from) && known.has(to)) next.get(from)!.add(to);
  const state = new Map<string, "open" | "done">();
  const kept: Way[] = [];
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
export function ranks(items: Item[], edges: readonly Way[]): Map<string, number> {
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
