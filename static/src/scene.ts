/** Where everything lies, read once per change: what is in view, and how links run. Frames without a change only look. */
import type { LGraphNode, LLink } from "@comfyorg/litegraph";
import { bendsOf } from "./bends.ts";
import { type Bounds, bounds } from "./camera.ts";
import { AWAY, type Box, Card } from "./card.ts";
import { layoutsMade } from "./layout.ts";
import type { Model } from "./model.ts";
import type { Pair } from "./types.ts";

export type Point = [x: number, y: number];

/** Room beside a card for a link that turns back. */
export const TURN = 14;
/** How far a link that turns back may run above or below its ends and still be looked at. */
const ASTRAY = 1_500;
/** How far the curve of a link runs to the left and right of its ends. */
const SIDEWAYS = 230;
/** What is drawn outside of a card: the line above it, its sockets, its shadow. */
const AROUND = 26;

export class Wire {
  readonly link: LLink;
  readonly from: Card;
  readonly to: Card;
  readonly type: string;
  readonly a: Point;
  readonly b: Point;
  readonly via: readonly Pair[];
  private readonly scene: Scene;
  private found: number | null | undefined;

  constructor(scene: Scene, link: LLink, from: Card, to: Card, type: string, a: Point, b: Point) {
    [this.scene, this.link, this.from, this.to, this.type, this.a, this.b] = [scene, link, from, to, type, a, b];
    this.via = bendsOf(link);
  }

  /** The height at which a link back to the left runs; null for one that runs forward. */
  get lane(): number | null {
    if (this.found === undefined) this.found = this.back ? this.scene.lane(this.a, this.b) : null;
    return this.found;
  }

  get back(): boolean {
    return this.via.length === 0 && this.b[0] <= this.a[0] - 20;
  }

  /** Whether any of it may be seen in an area. */
  crosses(area: ArrayLike<number>): boolean {
    if (this.via.length) return this.bentAcross(area);
    const { a, b } = this;
    if (Math.max(a[0], b[0]) <= area[0]! - SIDEWAYS || Math.min(a[0], b[0]) >= area[0]! + area[2]! + SIDEWAYS) return false;
    const bend = this.back ? ASTRAY : 0;
    if (Math.max(a[1], b[1]) + bend <= area[1]! || Math.min(a[1], b[1]) - bend >= area[1]! + area[3]!) return false;
    if (!bend) return true;
    const [low, high] = this.span();
    return high > area[1]! && low < area[1]! + area[3]!;
  }

  private bentAcross(area: ArrayLike<number>): boolean {
    const points = [this.a, ...this.via, this.b];
    const beyond = (axis: 0 | 1) => {
      const along = points.map((point) => point[axis]);
      return Math.max(...along) + SIDEWAYS < area[axis]! || Math.min(...along) - SIDEWAYS > area[axis]! + area[axis + 2]!;
    };
    return !beyond(0) && !beyond(1);
  }

  span(): [low: number, high: number] {
    const { a, b, lane } = this;
    return [Math.min(a[1], b[1], lane ?? Infinity), Math.max(a[1], b[1], lane ?? -Infinity)];
  }
}

export class Scene {
  /** Counts changes of place, size, sockets or links. */
  version = 0;
  private readonly model: Model;
  private nodes: LGraphNode[] = [];
  private boxes = new Float64Array(0);
  private links: LLink[] = [];
  private slots = new Int32Array(0);
  private vias: (readonly Pair[])[] = [];
  private laid = -1;
  private drawn: Wire[] | null = null;
  private far: Map<string, Path2D> | null = null;
  private whole: { at: number; bounds: Bounds | null } = { at: -1, bounds: null };

  constructor(model: Model) {
    this.model = model;
  }

  /** Takes note of what moved since the last frame; `ctx` measures for LiteGraph. */
  refresh(ctx: CanvasRenderingContext2D): void {
    const moved = this.readNodes(ctx);
    const rewired = this.readLinks();
    if (!moved && !rewired && this.laid === layoutsMade()) return;
    this.laid = layoutsMade();
    this.version += 1;
    this.drawn = this.far = null;
  }

  /** Cards and notes in an area, in the order in which they lie over each other. */
  inside(area: ArrayLike<number>, into: LGraphNode[]): LGraphNode[] {
    const { nodes, boxes } = this;
    const [left, top] = [area[0]! - AROUND, area[1]! - AROUND];
    const [right, bottom] = [area[0]! + area[2]! + AROUND, area[1]! + area[3]! + AROUND];
    into.length = 0;
    for (let i = 0, at = 0; i < nodes.length; i += 1, at += 4) {
      const [x, y] = [boxes[at]!, boxes[at + 1]!];
      if (x < right && y < bottom && x + boxes[at + 2]! > left && y + boxes[at + 3]! > top) into.push(nodes[i]!);
    }
    return into;
  }

  /** Every link that can be drawn. */
  get wires(): Wire[] {
    this.drawn ??= this.links.map((link) => this.wire(link)).filter((wire) => wire !== null);
    return this.drawn;
  }

  /** All links as straight lines, one path for each type of socket: what is seen from far away. */
  get lines(): ReadonlyMap<string, Path2D> {
    if (this.far) return this.far;
    this.far = new Map();
    for (const { type, a, b, via } of this.wires) {
      const path = this.far.get(type) ?? new Path2D();
      this.far.set(type, path);
      path.moveTo(a[0], a[1]);
      for (const [x, y] of via) path.lineTo(x, y);
      path.lineTo(b[0], b[1]);
    }
    return this.far;
  }

  /** What holds all of it; null when there is nothing. */
  get extent(): Bounds | null {
    if (this.whole.at !== this.version) {
      this.whole = { at: this.version, bounds: bounds(this.nodes.filter((node) => !(node as Box).shelter)) };
    }
    const [x, y, w, h] = this.whole.bounds ?? [];
    return bounds([...(x === undefined ? [] : [{ pos: [x, y!], size: [w!, h!] }]), ...this.model.frames.values()]);
  }

  /** The middle of the gap between cards that lies nearest to the middle of two points. */
  lane(a: Point, b: Point): number {
    const [left, right] = [b[0] - TURN, a[0] + TURN];
    const middle = (a[1] + b[1]) / 2;
    const [up, down] = [this.gap(left, right, middle, -1), this.gap(left, right, middle, 1)];
    return Math.abs(up - middle) < Math.abs(down - middle) ? up : down;
  }

  /** From a height up (-1) or down (1) to the first gap that is wide enough: its middle. */
  private gap(left: number, right: number, from: number, way: 1 | -1): number {
    let y = from;
    for (let tries = 0; tries < 200; tries += 1) {
      const [above, below] = this.room(left, right, y);
      if (below - above >= 2 * TURN) {
        if (above === -Infinity && below === Infinity) return y;
        if (above === -Infinity) return below - 2 * TURN;
        return below === Infinity ? above + 2 * TURN : (above + below) / 2;
      }
      y = this.edge(left, right, y, way) + way * 0.5;
    }
    return y;
  }

  /** How far one can go up and down from a height before meeting a card; nothing when it is inside of one. */
  private room(left: number, right: number, y: number): [above: number, below: number] {
    let [above, below] = [-Infinity, Infinity];
    for (let at = 0; at < this.boxes.length; at += 4) {
      const { top, bottom } = this.rows(at, left, right);
      if (bottom <= y) above = Math.max(above, bottom);
      else if (top >= y) below = Math.min(below, top);
      else return [y, y];
    }
    return [above, below];
  }

  /** The far edge of what lies at a height, or of the next thing on the way. */
  private edge(left: number, right: number, y: number, way: 1 | -1): number {
    let [inside, next] = [-Infinity * way, Infinity * way];
    for (let at = 0; at < this.boxes.length; at += 4) {
      const { top, bottom } = this.rows(at, left, right);
      const [near, far] = way > 0 ? [top, bottom] : [bottom, top];
      if (top <= y && bottom >= y) inside = way > 0 ? Math.max(inside, far) : Math.min(inside, far);
      else if ((near - y) * way > 0 && (next - near) * way > 0) next = near;
    }
    return Number.isFinite(inside) ? inside : next;
  }

  private rows(at: number, left: number, right: number): { top: number; bottom: number } {
    const { boxes } = this;
    const beside = boxes[at]! >= right || boxes[at]! + boxes[at + 2]! <= left;
    return beside ? { top: -Infinity, bottom: -Infinity } : { top: boxes[at + 1]!, bottom: boxes[at + 1]! + boxes[at + 3]! };
  }

  private readNodes(ctx: CanvasRenderingContext2D): boolean {
    const now = this.model.graph._nodes;
    let changed = now.length !== this.nodes.length;
    if (changed) this.boxes = new Float64Array(now.length * 4).fill(Number.NaN);
    const { boxes, nodes } = this;
    for (let i = 0, at = 0; i < now.length; i += 1, at += 4) {
      const node = now[i]!;
      const { pos, size } = node;
      const [x, y, w, h] = (node as Box).shelter ? AWAY : [pos[0]!, pos[1]!, size[0]!, size[1]!];
      const same = node === nodes[i] && boxes[at] === x && boxes[at + 1] === y && boxes[at + 2] === w && boxes[at + 3] === h;
      if (same) continue;
      boxes.set([x!, y!, w!, h!], at);
      node.updateArea(ctx);
      changed = true;
    }
    if (changed) this.nodes = [...now];
    return changed;
  }

  private readLinks(): boolean {
    const { _links: links } = this.model.graph;
    let changed = links.size !== this.links.length;
    if (changed) this.slots = new Int32Array(links.size * 2).fill(-1);
    let i = 0;
    for (const link of links.values()) {
      const at = 2 * i;
      const via = bendsOf(link);
      if (link !== this.links[i] || link.origin_slot !== this.slots[at] || link.target_slot !== this.slots[at + 1] || via !== this.vias[i]) {
        this.vias[i] = via;
        this.slots[at] = link.origin_slot;
        this.slots[at + 1] = link.target_slot;
        changed = true;
      }
      i += 1;
    }
    if (changed) this.links = [...links.values()];
    return changed;
  }

  private wire(link: LLink): Wire | null {
    const { graph } = this.model;
    const [from, to] = [graph.getNodeById(link.origin_id), graph.getNodeById(link.target_id)];
    if (!(from instanceof Card && to instanceof Card)) return null;
    const [output, input] = [from.outs[link.origin_slot], to.ins[link.target_slot]];
    if (!output?.pos || !input?.pos || (from.shelter && from.shelter === to.shelter)) return null;
    const a: Point = from.shelter?.door("out") ?? [from.pos[0]! + output.pos[0]!, from.pos[1]! + output.pos[1]!];
    const b: Point = to.shelter?.door("in") ?? [to.pos[0]! + input.pos[0]!, to.pos[1]! + input.pos[1]!];
    return new Wire(this, link, from, to, output.spec.type, a, b);
  }
}
