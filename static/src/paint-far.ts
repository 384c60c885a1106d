/** Far away a card is a few rectangles: its body, the stripe of its group, a block and a sign for its state. */
import type { Card } from "./card.ts";
import { glyph } from "./paint-status.ts";
import { fit } from "./text.ts";
import { groupColor, type Theme } from "./theme.ts";
import type { RunState, RunStatus } from "./types.ts";

const STRIPE = 22;
/** With more cards than this in view, names would only be noise and cost. */
const NAMED = 150;
/** Below this many pixels a sign is a smudge. */
const SIGN_PIXELS = 7;

/** A stripe thinner than this many pixels says less than a card in the colour of its group. */
const THIN = 2;

export interface FarScene {
  ctx: CanvasRenderingContext2D;
  theme: Theme;
  scale: number;
  runs: ReadonlyMap<string, RunStatus>;
  problems: ReadonlyMap<string, { errors: number; warnings: number }>;
}

/** All cards in view: many rectangles of one colour after the other are much cheaper than card by card. */
export function paintFarCards(scene: FarScene, cards: Card[]): void {
  const { ctx, theme } = scene;
  const fills = new Map<string, number[]>();
  const fill = (color: string, x: number, y: number, w: number, h: number): void => {
    const known = fills.get(color);
    if (known) known.push(x, y, w, h);
    else fills.set(color, [x, y, w, h]);
  };
  const ink = ({ kind }: Card) => (kind ? groupColor(kind.group, theme.name) : theme.error);
  const plain = STRIPE * scene.scale < THIN;
  for (const card of cards) {
    const body = card.selected ? theme.accent : plain ? ink(card) : theme.line;
    fill(body, card.pos[0]!, card.pos[1]!, card.size[0]!, card.size[1]!);
  }
  flood(ctx, fills);
  if (!plain) for (const card of cards) fill(ink(card), card.pos[0]!, card.pos[1]!, card.size[0]!, STRIPE);
  const told = cards.map((card) => [card, stateOf(scene, card)] as const).filter(([, state]) => state !== null);
  for (const [{ pos, size }, state] of told) fill(colorOf(theme, state!), pos[0]!, pos[1]! + size[1]! - STRIPE, size[0]!, STRIPE);
  flood(ctx, fills);
  for (const [card, state] of told) sign(scene, card, state!);
  if (cards.length <= NAMED) for (const card of cards) name(scene, card);
}

function flood(ctx: CanvasRenderingContext2D, fills: Map<string, number[]>): void {
  for (const [color, boxes] of fills) {
    ctx.fillStyle = color;
    for (let at = 0; at < boxes.length; at += 4) ctx.fillRect(boxes[at]!, boxes[at + 1]!, boxes[at + 2]!, boxes[at + 3]!);
  }
  fills.clear();
}

type State = RunState | "problem";

function stateOf({ runs, problems }: FarScene, card: Card): State | null {
  const run = runs.get(card.key);
  if (run) return run.state;
  return problems.get(card.key)?.errors ? "problem" : null;
}

function colorOf(theme: Theme, state: State): string {
  return state === "problem" ? theme.error : (theme.states[state] ?? theme.muted);
}

/** The state as a shape, so that colour is not all there is. */
function sign({ ctx, theme, scale }: FarScene, card: Card, state: State): void {
  const [w, h] = [card.size[0]!, card.size[1]!];
  const radius = Math.min(w, h) * 0.3;
  if (radius * 2 * scale < SIGN_PIXELS) return;
  ctx.lineWidth = Math.max(radius * 0.28, 1.2 / scale);
  ctx.strokeStyle = card.selected ? theme.onSolid : colorOf(theme, state);
  ctx.beginPath();
  glyph(ctx, state, card.pos[0]! + w - radius * 1.4, card.pos[1]! + h / 2, radius);
  ctx.stroke();
}

function name({ ctx, theme, scale }: FarScene, card: Card): void {
  const font = `600 ${Math.min(36, 9 / scale)}px ${theme.font}`;
  ctx.font = font;
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  ctx.fillStyle = card.selected ? theme.onSolid : theme.text;
  ctx.fillText(fit(card.label, font, card.size[0]! - 20), card.pos[0]! + 12, card.pos[1]! + STRIPE + 8);
}
