/** Who else works on this draft: their selection is outlined, with their name. */
import type { Model } from "./model.ts";
import { measure } from "./text.ts";
import type { Theme } from "./theme.ts";

export interface Peer {
  id: string;
  name: string;
  /** Which of the colours is theirs. */
  color: number;
  nodes: string[];
}

const DARK = ["#5ad1c9", "#f49ac2", "#f2c14e", "#9ad36a", "#c39bff", "#ff9f6b"];
const LIGHT = ["#0b7a75", "#b3246b", "#8a5a00", "#3d7a12", "#7135c9", "#b04a12"];

export function peerColor(theme: Theme, peer: Peer): string {
  const colors = theme.name === "dark" ? DARK : LIGHT;
  return colors[peer.color % colors.length]!;
}

export function paintPeers(ctx: CanvasRenderingContext2D, theme: Theme, model: Model, peers: readonly Peer[], scale: number): void {
  const taken = new Map<string, number>();
  for (const peer of peers) {
    for (const id of peer.nodes) {
      const card = model.cards.get(id);
      if (!card) continue;
      const place = taken.get(id) ?? 0;
      taken.set(id, place + 1);
      const gap = 6 + place * 4;
      const color = peerColor(theme, peer);
      const [x, y] = [card.pos[0]! - gap, card.pos[1]! - gap];
      const [width, height] = [card.size[0]! + 2 * gap, card.size[1]! + 2 * gap];
      ctx.beginPath();
      ctx.roundRect(x, y, width, height, 14);
      ctx.lineWidth = Math.max(2, 1.5 / scale);
      ctx.strokeStyle = color;
      ctx.stroke();
      if (scale >= 0.3) flag(ctx, theme, peer.name, color, x + 10, y + height, scale);
    }
  }
}

function flag(ctx: CanvasRenderingContext2D, theme: Theme, name: string, color: string, x: number, y: number, scale: number): void {
  const size = Math.max(11, 9 / scale);
  const font = `600 ${size}px ${theme.font}`;
  ctx.beginPath();
  ctx.roundRect(x, y - 2, measure(name, font) + size, size * 1.7, 5);
  ctx.fillStyle = color;
  ctx.fill();
  ctx.font = font;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillStyle = theme.onSolid;
  ctx.fillText(name, x + size / 2, y - 2 + size * 0.88);
}
