/** Cards and notes in view: card by card near, all at once from far away. */
import type { LGraphNode } from "@comfyorg/litegraph";
import { Card } from "./card.ts";
import { Note } from "./note.ts";
import { paintNote } from "./paint-board.ts";
import { type CardScene, paintCard } from "./paint-card.ts";
import { paintFarCards } from "./paint-far.ts";
import type { Stage } from "./surface.ts";
import type { Theme } from "./theme.ts";

/** Below this zoom cards are only rectangles. */
export const FAR = 0.3;

export interface View {
  ctx: CanvasRenderingContext2D;
  stage: Stage;
  scale: number;
  socket: CardScene["socket"];
}

export function paintNodes({ ctx, stage, scale, socket }: View, nodes: LGraphNode[]): void {
  const { theme, runs, problems, images, icons } = stage;
  const [far, now] = [scale < FAR, performance.now()];
  if (far) paintFarCards({ ctx, theme, scale, runs, problems }, nodes.filter((node) => node instanceof Card));
  for (const node of nodes) {
    const [x, y] = [node.pos[0]!, node.pos[1]!];
    if (node instanceof Note) {
      ctx.translate(x, y);
      paintNote(ctx, theme, node);
    } else if (node instanceof Card && !far) {
      ctx.translate(x, y);
      paintCard({ ctx, theme, images, icons, scale, now, run: runs.get(node.key), mark: runs.marks.get(node.key), problems: problems.get(node.key), socket }, node);
    } else continue;
    ctx.translate(-x, -y);
  }
  const ringed = stage.reach?.roving.ringed;
  if (ringed) paintRing(ctx, theme, ringed, scale);
}

/** The node that has the keyboard: a ring of its own, light on dark and dark on light, besides that of the selection. */
function paintRing(ctx: CanvasRenderingContext2D, theme: Theme, { pos, size }: LGraphNode, scale: number): void {
  const away = 8 / Math.min(1, scale);
  ctx.beginPath();
  ctx.roundRect(pos[0]! - away, pos[1]! - away, size[0]! + 2 * away, size[1]! + 2 * away, 12 + away / 2);
  ctx.lineWidth = 2.5 / scale;
  ctx.strokeStyle = theme.text;
  ctx.setLineDash([7 / scale, 4 / scale]);
  ctx.stroke();
  ctx.setLineDash([]);
}
