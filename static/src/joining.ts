/** Links without a mouse: choose a socket, then one it fits; what does not fit says why. */
import { Card } from "./card.ts";
import { reach as cardsReached } from "./judge.ts";
import { connect, type Drag, refusal, type Slot } from "./linking.ts";
import { type Entry, type Item, Menu } from "./menu.ts";
import { typeWords } from "./typewords.ts";
import type { Pair } from "./types.ts";
import type { GraphView } from "./view.ts";
import { t } from "./words.ts";

const [MOST_FITTING, MOST_REFUSED] = [40, 12];

/** The sockets of a card; the chosen one goes on to `chooseTarget`. */
export function chooseSocket(view: GraphView, card: Card): void {
  if (view.locked) return view.reach.say(t("Nothing can be changed here"));
  const outputs = card.outs.map((slot) => socketItem(view, card, slot, "out"));
  const inputs = card.ins.map((slot) => socketItem(view, card, slot, "in"));
  const some = [...outputs, ...inputs];
  if (!some.length) return view.reach.say(t("{node} has no sockets", { node: card.label }));
  show(view, card, t("Link which socket of {node}?", { node: card.label }), [...outputs, ...(outputs.length && inputs.length ? ["line" as const] : []), ...inputs]);
}

function socketItem(view: GraphView, card: Card, slot: Slot, side: "in" | "out"): Item {
  const words = { name: slot.name, type: typeWords(String(slot.type)) };
  const label = side === "out" ? t("Output {name}: {type}", words) : t("Input {name}: {type}", words);
  return { name: `${side} ${slot.name}`, label, icon: side === "out" ? "logout" : "login", run: () => chooseTarget(view, card, slot, side) };
}

function chooseTarget(view: GraphView, card: Card, slot: Slot, side: "in" | "out"): void {
  const drag: Drag = { seeks: side === "out" ? "in" : "out", card, slot, moving: [], blocked: cardsReached(card, side === "out" ? "up" : "down") };
  const fitting: Item[] = [];
  const refused: Item[] = [];
  for (const other of byDistance(view, card)) {
    for (const [i, target] of (side === "out" ? other.ins : other.outs).entries()) {
      if (joined(view, slot, target)) continue;
      const why = refusal(view.model, drag, other, target);
      const label = `${other.label}: ${target.name}`;
      const name = `${other.key} ${target.name}`;
      if (why === null) fitting.push({ name, label, ...(taken(target) ? { keys: t("replaces its link") } : {}), run: () => join(view, drag, other, i) });
      else if (refused.length < MOST_REFUSED) refused.push({ name, label, why, run: () => undefined });
    }
    if (fitting.length >= MOST_FITTING) break;
  }
  const entries: Entry[] = [...fitting, "line", ...refused];
  if (!fitting.length) view.reach.say(t("Nothing on the canvas fits “{name}”", { name: slot.name }));
  show(view, card, t("Link “{name}” of {node} to?", { name: slot.name, node: card.label }), entries);
}

/** Whether a link between the two exists already. */
function joined(view: GraphView, one: Slot, other: Slot): boolean {
  const ids = (slot: Slot) => ("links" in slot ? (slot.links ?? []) : "link" in slot && slot.link != null ? [slot.link] : []);
  return ids(one).some((id) => view.model.graph._links.has(id) && ids(other).includes(id));
}

function taken(slot: Slot): boolean {
  return "link" in slot && slot.link != null;
}

function join(view: GraphView, drag: Drag, card: Card, slot: number): void {
  view.flush();
  connect(view.model, drag, card, slot);
  view.flush();
  view.element.focus({ preventScroll: true });
}

function byDistance(view: GraphView, from: Card): Card[] {
  const far = ({ pos }: Card) => Math.hypot(pos[0]! - from.pos[0]!, pos[1]! - from.pos[1]!);
  return [...view.model.cards.values()].filter((card) => card !== from).sort((one, other) => far(one) - far(other));
}

function show(view: GraphView, card: Card, label: string, entries: Entry[]): void {
  const [x, y] = view.surface.ds.convertOffsetToCanvas([card.pos[0]! + card.size[0]!, card.pos[1]!]) as Pair;
  view.reach.say(label);
  new Menu(view.pops.fresh("menu"), label, entries, view.icons).show(x + 12, y);
}
