/** What is drawn over the graph and is no part of it: marks of a comparison, and what others have selected. */
import { type MarkSet, paintMarks, readMarks } from "./marks.ts";
import { paintPeers, type Peer } from "./peers.ts";
import type { GraphView } from "./view.ts";

export class Overlay {
  private marks: MarkSet | null = null;
  private peers: Peer[] = [];
  private readonly view: GraphView;

  constructor(view: GraphView) {
    this.view = view;
    view.surface.onDrawForeground = (ctx: CanvasRenderingContext2D) => this.paint(ctx);
  }

  setMarks(marks: unknown): void {
    this.marks = readMarks(marks);
    this.view.surface.redraw();
  }

  setPeers(peers: Peer[]): void {
    this.peers = peers;
    this.view.surface.redraw();
  }

  private paint(ctx: CanvasRenderingContext2D): void {
    const { surface, model, theme } = this.view;
    const { scale } = surface.ds;
    ctx.save();
    if (this.marks) paintMarks(ctx, theme, model, this.marks, scale);
    if (this.peers.length) paintPeers(ctx, theme, model, this.peers, scale);
    ctx.restore();
  }
}
