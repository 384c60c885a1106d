/** Sticky notes (movable, resizable) and groups (a titled frame that carries what lies inside). */
import { LGraphGroup } from "@comfyorg/litegraph";
import { Box } from "./card.ts";
import type { GroupSpec, NoteSpec, Pair } from "./types.ts";

const LEAST: Pair = [120, 60];

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
    this.pos = spec.position;
    this.size = spec.size;
  }

  override get minimum(): Pair {
    return LEAST;
  }

  override setSize(size: ArrayLike<number>): void {
    this.size = [size[0]!, size[1]!];
  }

  current(): NoteSpec {
    return refreshed(this.spec, this.pos, this.size);
  }
}

export class Frame extends LGraphGroup {
  key: string;
  spec: GroupSpec;

  constructor(spec: GroupSpec) {
    super(spec.title);
    this.key = spec.id;
    this.spec = spec;
    this.font_size = 16;
    this._bounding.set([...spec.position, ...spec.size]);
  }

  current(): GroupSpec {
    return refreshed(this.spec, this.pos, this.size);
  }
}
