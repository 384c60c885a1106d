import assert from "node:assert/strict";
import { test } from "node:test";
import { Scene } from "../src/scene.ts";
import { loaded } from "./fixtures.ts";

const NO_PEN = null as unknown as CanvasRenderingContext2D;

test("a scene counts what changes a picture: places, links and sockets, and nothing else", () => {
  const { editor, model } = loaded();
  const scene = new Scene(model);
  const seen: number[] = [];
  const look = () => {
    scene.refresh(NO_PEN);
    seen.push(scene.version);
  };
  look();
  look();
  model.cards.get("style")!.pos = [310, 200];
  look();
  model.graph.removeLink(model.cards.get("style")!.ins[0]!.link!);
  look();
  editor.setSockets({ prompt: { inputs: [], outputs: [] } });
  look();
  look();
  assert.deepEqual(seen, [1, 1, 2, 3, 4, 4]);
  const card = model.cards.get("style")!;
  assert.deepEqual(scene.wires[0]!.a, [310 + card.size[0]!, 200 + card.outs[0]!.pos![1]!]);
});

test("only what lies in an area is in it", () => {
  const { model } = loaded();
  const scene = new Scene(model);
  scene.refresh(NO_PEN);
  const ids = (area: number[]) => scene.inside(area, []).map((node) => (node as { key?: string }).key);
  assert.deepEqual(ids([280, 190, 10, 10]), ["style"]);
  assert.deepEqual(ids([-5000, -5000, 10_000, 10_000]).length, 5);
  assert.deepEqual(ids([5000, 0, 10, 10]), []);
});

test("a link that turns back runs through a gap between the cards in its way", () => {
  const nodes = [0, 1, 2, 3].map((i) => ({ id: `n${i}`, type: "words", position: [0, i * 400] }));
  const { model } = loaded({ nodes, links: [], groups: [], notes: [] });
  const scene = new Scene(model);
  scene.refresh(NO_PEN);
  const [first, second] = [model.cards.get("n0")!, model.cards.get("n1")!];
  const gap = (first.size[1]! + second.pos[1]!) / 2;
  assert.equal(scene.lane([240, 20], [0, 420]), gap);
  assert.equal(scene.lane([240, 20], [0, 20]), -28, "above everything");
  assert.equal(scene.lane([5000, 20], [4000, 30]), 25, "nothing in its way");
});
