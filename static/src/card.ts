/** A node on the canvas: LiteGraph's part is dragging and links, all else is ours. */
import { LGraphNode, type LLink, type INodeInputSlot, type INodeOutputSlot, TitleMode } from "@comfyorg/litegraph";
import { moved } from "./follow.ts";
import { face } from "./faces.ts";
import { layout } from "./layout.ts";
import type { Frame } from "./note.ts";
import type { NodeSpec, NodeType, Pair, SocketSpec, Sockets } from "./types.ts";

export type InputSlot = INodeInputSlot & { spec: SocketSpec };
export type OutputSlot = INodeOutputSlot & { spec: SocketSpec };

/** Decides whether a link may be made: a reason against it, or null. */
export type Judge = (from: Card, output: SocketSpec, to: Card, input: SocketSpec) => string | null;

function input(spec: SocketSpec): InputSlot {
  return { name: spec.name, type: spec.type, link: null, boundingRect: [0, 0, 0, 0], spec };
}

function output(spec: SocketSpec): OutputSlot {
  return { name: spec.name, type: spec.type, links: null, boundingRect: [0, 0, 0, 0], spec };
}

/** Where hidden things are measured to be. */
export const AWAY: readonly number[] = [1e9, 1e9, 0, 0];

/** Anything movable that is not a LiteGraph group. */
export abstract class Box extends LGraphNode {
  static title_mode = TitleMode.NO_TITLE;
  key = "";
  /** The collapsed group that hides it. */
  shelter: Frame | null = null;

  constructor() {
    super("", "");
  }

  /** Room around the card in which sockets can still be hit. */
  override onBounding(out: number[] | Float32Array | Float64Array): void {
    out[0]! -= 8;
    out[2]! += 16;
  }

  override isPointInCollapse(): boolean {
    return false;
  }

  /** LiteGraph would wire neighbours together when a node is deleted, by position and not by meaning. */
  override connectInputToOutput(): undefined {
    return undefined;
  }

  override computeSize(): Pair {
    return this.minimum;
  }

  /** What is hidden lies where nobody looks or clicks. */
  override measure(out: { [index: number]: number }): void {
    const [x, y, w, h] = this.shelter ? AWAY : [this.pos[0]!, this.pos[1]!, this.size[0]!, this.size[1]!];
    [out[0], out[1], out[2], out[3]] = [x!, y!, w!, h!];
  }

  /** Pinned things can be selected, but neither moved nor resized. */
  protected hold(pinned: boolean): void {
    if (pinned) this.flags.pinned = true;
    else delete this.flags.pinned;
    this.resizable = !pinned;
  }

  abstract get minimum(): Pair;
}

export class Card extends Box {
  spec: NodeSpec;
  kind: NodeType | null;
  lines: string[] = [];
  previewTop = 0;
  /** Address of the picture that the settings name. */
  face: string | null = null;
  private readonly judge: Judge;
  private smallest: Pair = [0, 0];
  /** The size somebody chose; the card is never smaller than its parts need. */
  private chosen: Pair | null = null;

  constructor(spec: NodeSpec, kind: NodeType | null, judge: Judge) {
    super();
    this.key = spec.id;
    this.type = spec.type;
    this.spec = spec;
    this.kind = kind;
    this.judge = judge;
  }

  override get minimum(): Pair {
    return this.smallest;
  }

  get label(): string {
    return this.spec.title || this.kind?.title || this.spec.type;
  }

  get ins(): InputSlot[] {
    return this.inputs as InputSlot[];
  }

  get outs(): OutputSlot[] {
    return this.outputs as OutputSlot[];
  }

  /** True when the node makes pictures, so that room for one is always kept. */
  get pictures(): boolean {
    return !this.spec.collapsed && this.outs.some(({ type }) => /^(List\[)?(Image|Images|Video)\]?$/.test(String(type)));
  }

  /** True when a socket is shown only for a link that is gone by now. */
  get stale(): boolean {
    return this.ins.some((slot) => slot.spec.missing && slot.link == null) || this.outs.some((slot) => slot.spec.missing && !slot.links?.length);
  }

  override move(dx: number, dy: number): void {
    if (this.pinned) return;
    super.move(dx, dy);
    moved(this, dx, dy);
  }

  /** Take over a spec: place, size, title and settings. */
  adopt(spec: NodeSpec): void {
    this.spec = spec;
    this.title = this.label;
    this.chosen = spec.size ?? null;
    this.pos = spec.position;
    this.hold(!!spec.pinned);
    // LiteGraph then neither resizes it nor starts links from it
    if (spec.collapsed) this.flags.collapsed = true;
    else delete this.flags.collapsed;
    this.arrangeSockets();
  }

  /** The spec as it stands now; numbers of the file are kept as long as nothing moved. */
  current(): NodeSpec {
    const { spec, pos, chosen } = this;
    const moved = Math.fround(spec.position[0]) !== pos[0] || Math.fround(spec.position[1]) !== pos[1];
    const resized = chosen !== null && (chosen[0] !== spec.size?.[0] || chosen[1] !== spec.size?.[1]);
    if (!moved && !resized) return spec;
    const next = { ...spec };
    if (moved) next.position = [Math.round(pos[0]!), Math.round(pos[1]!)];
    if (resized) next.size = chosen;
    return next;
  }

  /** Sockets by name: links of those that stay are kept, linked ones that went become `missing`. */
  setSockets(next: Sockets): void {
    const inputs = merge(this.ins, next.inputs, input, (slot) => slot.link != null);
    const outputs = merge(this.outs, next.outputs, output, (slot) => !!slot.links?.length);
    this.inputs = inputs;
    this.outputs = outputs;
    this.renumber();
    this.arrangeSockets();
  }

  /** A socket by name, made as `missing` when the node does not have it. */
  ensure(side: "in" | "out", name: string): number {
    const slots: { name: string }[] = side === "in" ? this.ins : this.outs;
    const found = slots.findIndex((slot) => slot.name === name);
    if (found >= 0) return found;
    const spec: SocketSpec = { name, type: "Any", missing: true };
    if (side === "in") this.inputs.push(input(spec));
    else this.outputs.push(output(spec));
    this.arrangeSockets();
    return slots.length - 1;
  }

  override onConnectInput(slot: number, _type: unknown, _output: unknown, from: unknown, fromSlot: number): boolean {
    if (!(from instanceof Card)) return false;
    return this.judge(from, from.outs[fromSlot]!.spec, this, this.ins[slot]!.spec) === null;
  }

  override setSize(size: ArrayLike<number>): void {
    this.chosen = [Math.round(size[0]!), Math.round(size[1]!)];
    this.arrangeSockets();
  }

  arrangeSockets(): void {
    const { minimum, width, lines, previewTop } = layout(this, this.chosen?.[0] ?? 0);
    this.smallest = minimum;
    this.lines = lines;
    this.face = face(this.kind, this.spec.settings);
    this.previewTop = previewTop;
    this.size = [width, this.spec.collapsed ? minimum[1] : Math.max(this.chosen?.[1] ?? 0, minimum[1])];
  }

  private renumber(): void {
    const links = this.graph?._links;
    if (!links) return;
    const at = (id: number | null | undefined): LLink | undefined => (id == null ? undefined : links.get(id));
    for (const [i, slot] of this.ins.entries()) {
      const link = at(slot.link);
      if (link) link.target_slot = i;
    }
    for (const [i, slot] of this.outs.entries()) for (const id of slot.links ?? []) at(id)!.origin_slot = i;
  }
}

function merge<S extends { name: string; type: unknown; spec: SocketSpec }>(
  have: S[],
  wanted: SocketSpec[],
  make: (spec: SocketSpec) => S,
  linked: (slot: S) => boolean,
): S[] {
  const old = new Map(have.map((slot) => [slot.name, slot]));
  const next = wanted.map((spec) => {
    const slot = old.get(spec.name);
    old.delete(spec.name);
    return slot ? Object.assign(slot, { type: spec.type, spec }) : make(spec);
  });
  const left = [...old.values()].filter(linked);
  for (const slot of left) slot.spec = { ...slot.spec, missing: true };
  return [...next, ...left];
}
