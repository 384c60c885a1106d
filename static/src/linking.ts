/** Dragging links: what a drag is looking for, where it would land, and doing it. */
import { type LGraphCanvas, LLink } from "@comfyorg/litegraph";
import { Card, type InputSlot, type OutputSlot } from "./card.ts";
import { reach } from "./judge.ts";
import { ROW, TITLE } from "./layout.ts";
import type { Model } from "./model.ts";
import { typeWords } from "./typewords.ts";
import { t } from "./words.ts";

type Connector = LGraphCanvas["linkConnector"];
export type Slot = InputSlot | OutputSlot;

export interface Drag {
  /** Which kind of socket would end it. */
  seeks: "in" | "out";
  card: Card;
  slot: Slot;
  /** Existing links whose end is being moved; empty for a new link. */
  moving: LLink[];
  /** Cards that would close a loop. */
  blocked: Set<Card>;
}

/** `near` are the sockets that were meant: the aimed one, or all of the card. */
export type Landing = { slot: number; refusal: null } | { slot: null; refusal: string; near: Slot[] };

const drags = new WeakMap<object, Drag>();

/** The drag that goes on, or null. */
export function currentDrag(connector: Connector): Drag | null {
  const first = connector.renderLinks[0];
  if (!first || !(first.node instanceof Card)) return null;
  const known = drags.get(first);
  if (known) return known;
  const seeks = first.toType === "input" ? "in" : "out";
  const moving = connector.renderLinks.map((item) => ("link" in item ? item.link : null)).filter((link) => link instanceof LLink);
  const drag: Drag = { seeks, card: first.node, slot: first.fromSlot as Slot, moving, blocked: reach(first.node, seeks === "in" ? "up" : "down") };
  drags.set(first, drag);
  return drag;
}

/** Why one socket cannot end the drag, or null. */
export function refusal(model: Model, drag: Drag, card: Card, slot: Slot): string | null {
  if (drag.seeks === "in") return model.judge(drag.card, drag.slot.spec, card, slot.spec);
  return model.judge(card, slot.spec, drag.card, drag.slot.spec);
}

/** A cheap answer for dimming: type and loop, without words. */
export function welcome(model: Model, drag: Drag, card: Card, slot: Slot, side: "in" | "out"): boolean {
  if (slot === drag.slot) return true;
  if (side !== drag.seeks || drag.blocked.has(card) || slot.spec.missing) return false;
  const [output, input] = side === "in" ? [drag.slot.spec, slot.spec] : [slot.spec, drag.slot.spec];
  return model.catalogue.fits(output.type, input.type);
}

/** Where a drag dropped on a card at (x, y) of the card would end. */
export function landing(model: Model, drag: Drag, card: Card, x: number, y: number): Landing {
  const slots: Slot[] = drag.seeks === "in" ? card.ins : card.outs;
  const row = Math.floor((y - TITLE) / ROW);
  const near = drag.seeks === "in" ? x < card.size[0]! * 0.55 : x > card.size[0]! * 0.45;
  const aimed = near ? slots[row] : undefined;
  if (aimed) {
    const why = refusal(model, drag, card, aimed);
    return why ? { slot: null, refusal: why, near: [aimed] } : { slot: row, refusal: null };
  }
  const best = firstWelcome(model, drag, card, slots);
  if (best >= 0) return { slot: best, refusal: null };
  return { slot: null, refusal: generally(drag, card, slots), near: slots };
}

function firstWelcome(model: Model, drag: Drag, card: Card, slots: Slot[]): number {
  const open = slots.map((slot, i) => ({ slot, i })).filter(({ slot }) => refusal(model, drag, card, slot) === null);
  const free = open.filter(({ slot }) => !("link" in slot) || slot.link == null);
  const exact = free.find(({ slot }) => slot.type === drag.slot.type);
  return (exact ?? free[0] ?? open[0])?.i ?? -1;
}

function generally(drag: Drag, card: Card, slots: Slot[]): string {
  const node = card.label;
  const type = typeWords(drag.slot.spec.type);
  if (card === drag.card) return t("{node} cannot feed itself", { node });
  if (drag.blocked.has(card)) return t("A link between {one} and {other} would make a loop", { one: drag.card.label, other: node });
  if (drag.seeks === "in") return slots.length ? t("{node} has no input that takes {type}", { node, type }) : t("{node} has no inputs", { node });
  return slots.length ? t("{node} has no output that gives {type}", { node, type }) : t("{node} has no outputs", { node });
}

/** Ends the drag on a socket: a new link, or the moved ones. */
export function connect(model: Model, drag: Drag, card: Card, slot: number): void {
  if (drag.moving.length === 0) {
    if (drag.seeks === "in") drag.card.connect(drag.card.outs.indexOf(drag.slot as OutputSlot), card, slot);
    else card.connect(slot, drag.card, drag.card.ins.indexOf(drag.slot as InputSlot));
    return;
  }
  for (const link of drag.moving) move(model, drag, link, card, slot);
}

function move(model: Model, drag: Drag, link: LLink, card: Card, slot: number): void {
  const [from, output] = drag.seeks === "in" ? [model.graph.getNodeById(link.origin_id), link.origin_slot] : [card, slot];
  const [to, input] = drag.seeks === "in" ? [card, slot] : [model.graph.getNodeById(link.target_id), link.target_slot];
  if (!from || !to) return;
  if (from.id === link.origin_id && output === link.origin_slot && to.id === link.target_id && input === link.target_slot) return;
  model.graph.removeLink(link.id);
  from.connect(output, to, input);
}
