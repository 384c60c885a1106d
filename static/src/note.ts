/** Sticky notes (movable, resizable) and groups (a titled frame that carries what lies inside). */
import { LGraphGroup, type Positionable } from "@comfyorg/litegraph";
import { Box } from "./card.ts";
import type { GroupSpec, NoteSpec, Pair } from "./types.ts";

const LEAST: Pair = [120, 60];
/** A collapsed group. */
const BAR: Pair = [260, 44];

type Framed = { position: Pair; size: Pair };

/** The spec with place and size as they are now, or the spec itself when nothing moved. */
function refreshed<S extends Framed>(spec: S, pos: ArrayLike<number>, size: ArrayLike<number>): S {
  const same = (a: Pair, b: ArrayLike<number>) => Math.fround(a[0]) === b[0] && Math.fround(a[1]) === b[1];
  if (same(spec.position, pos) && same(spec.size, size)) return spec;
  const round = (v: ArrayLike<number>): Pair => [Math.round(v[0]!), Math.round(v[1]!)];
  return { ...spec, position: round(pos), size: round(size) };
}

export class Note extends Box {
  spec: NoteSpec;

  constructor(spec: NoteSpec) {
    super();
    this.key = spec.id;
    this.spec = spec;
    this.adopt(spec);
  }

  override get minimum(): Pair {
    return LEAST;
  }

  override setSize(size: ArrayLike<number>): void {
    this.size = [size[0]!, size[1]!];
  }

  adopt(spec: NoteSpec): void {
    this.spec = spec;
    this.pos = spec.position;
    this.size = spec.size;
    this.hold(!!spec.pinned);
  }

  current(): NoteSpec {
    return refreshed(this.spec, this.pos, this.size);
  }
}

export class Frame extends LGraphGroup {
  key: string;
  spec: GroupSpec;
  /** The collapsed group that hides this one. */
  shelter: Frame | null = null;

  constructor(spec: GroupSpec) {
    super(spec.title);
    this.key = spec.id;
    this.spec = spec;
    this.font_size = 16;
    this.adopt(spec);
  }

  get collapsed(): boolean {
    return this.spec.collapsed === true;
  }

  adopt(spec: GroupSpec): void {
    this.spec = spec;
    this.title = spec.title;
    this.pin(!!spec.pinned);
    this._bounding.set([...spec.position, ...(spec.collapsed ? BAR : spec.size)]);
  }

  current(): GroupSpec {
    return refreshed(this.spec, this.pos, this.collapsed ? this.spec.size : this.size);
  }

  override get titleHeight(): number {
    return this.collapsed ? BAR[1] : this.font_size * 1.4;
  }

  override isPointInside = (x: number, y: number): boolean => {
    const [left, top, w, h] = this._bounding;
    return !this.shelter && x >= left! && x < left! + w! && y >= top! && y < top! + h!;
  };

  override isPointInTitlebar(x: number, y: number): boolean {
    return !this.shelter && super.isPointInTitlebar(x, y);
  }

  override isInResize(x: number, y: number): boolean {
    return !this.collapsed && !this.pinned && super.isInResize(x, y);
  }

  override resize(width: number, height: number): boolean {
    return !this.collapsed && super.resize(width, height);
  }

  /** What a collapsed group holds does not depend on where it lies. */
  override recomputeInsideNodes(): void {
    if (!this.collapsed) {
      for (const node of this.graph?.nodes ?? []) node.updateArea(undefined as never);
      return super.recomputeInsideNodes();
    }
    const children = this.children as Set<Positionable>;
    children.clear();
    const holds = new Set(this.spec.holds ?? []);
    const all = [...(this.graph?.nodes ?? []), ...(this.graph?.groups ?? [])] as (Box | Frame)[];
    for (const item of all) if (holds.has(item.key) && item !== this) children.add(item);
  }

  /** Where links of hidden cards meet the group. */
  door(side: "in" | "out"): [number, number] {
    return [this.pos[0]! + (side === "out" ? this.size[0]! : 0), this.pos[1]! + BAR[1] / 2];
  }
}
