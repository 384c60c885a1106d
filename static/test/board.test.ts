import assert from "node:assert/strict";
import { test } from "node:test";
import { aligned, distributed } from "../src/arrange.ts";
import { bendsOf, setBends, slotFor } from "../src/bends.ts";
import { rebased } from "../src/remote.ts";
import { document, loaded } from "./fixtures.ts";

const RECTS = [
  { x: 0, y: 0, w: 100, h: 50 },
  { x: 300, y: 20, w: 200, h: 100 },
  { x: 110, y: 400, w: 60, h: 60 },
];

test("aligning uses the edges of what holds all; sizes differ", () => {
  assert.deepEqual(aligned(RECTS, "left").map(([x]) => x), [0, 0, 0]);
  assert.deepEqual(aligned(RECTS, "right").map(([x]) => x), [400, 300, 440]);
  assert.deepEqual(aligned(RECTS, "centre").map(([x]) => x), [200, 150, 220]);
  assert.deepEqual(aligned(RECTS, "top").map(([, y]) => y), [0, 0, 0]);
  assert.deepEqual(aligned(RECTS, "bottom").map(([, y]) => y), [410, 360, 400]);
  assert.deepEqual(aligned(RECTS, "middle").map(([, y]) => y), [205, 180, 200]);
});

test("distributing makes equal gaps and leaves the outer two", () => {
  assert.deepEqual(distributed(RECTS, "x").map(([x]) => x), [0, 300, 170]);
  assert.deepEqual(distributed(RECTS.slice(0, 2), "x"), [[0, 0], [300, 20]]);
});

test("points of a link are saved, restored by undo, and told as a patch of that link only", () => {
  const { editor, model, patches } = loaded();
  const link = [...model.graph._links.values()][0]!;
  setBends(link, [[10, 20], [30, 40]]);
  editor.flush();
  assert.deepEqual(model.save().links[0], { from: ["in", "text"], to: ["style", "key"], via: [[10, 20], [30, 40]] });
  assert.equal(patches[0]!.links.length, 1);
  assert.deepEqual(patches[0]!.nodes, []);
  editor.undo();
  assert.equal(bendsOf([...model.graph._links.values()].find((each) => each.target_slot === 0)!).length, 0);
  editor.redo();
  assert.deepEqual(model.save().links.find(({ via }) => via)?.via, [[10, 20], [30, 40]]);
});

test("a new point goes where the detour is shortest", () => {
  const line = { a: [0, 0], b: [400, 0], via: [[200, 100]] as [number, number][] };
  assert.equal(slotFor(line, [100, 50]), 0);
  assert.equal(slotFor(line, [320, 40]), 1);
});

test("a collapsed group hides what lies in it, keeps its size, and opens again as it was", () => {
  const { editor, model } = loaded();
  const frame = model.frames.get("g")!;
  model.collapse(frame, true);
  editor.flush();
  const saved = model.save().groups[0]!;
  assert.deepEqual([saved.collapsed, saved.holds, saved.size], [true, ["in"], [400, 300]]);
  assert.equal(model.cards.get("in")!.shelter, frame);
  assert.equal(model.cards.get("prompt")!.shelter, null);
  frame.move(50, 0);
  frame.recomputeInsideNodes();
  assert.equal(frame.children.size, 1, "moving it away changes nothing of what it holds");
  editor.flush();
  assert.deepEqual(model.save().groups[0]!.size, [400, 300]);
  editor.undo();
  editor.undo();
  assert.deepEqual(model.save().groups, document().groups);
  assert.equal(model.cards.get("in")!.shelter, null);
});

test("collapsed and pinned nodes say so in the file; a pinned one does not move", () => {
  const { editor, model } = loaded();
  const card = model.cards.get("prompt")!;
  card.adopt({ ...card.current(), collapsed: true, pinned: true });
  editor.flush();
  const spec = model.save().nodes[2]!;
  assert.deepEqual([spec.collapsed, spec.pinned, spec.size], [true, true, [333.3, 210]]);
  card.move(100, 100);
  assert.equal(editor.flush(), false);
  assert.deepEqual([...card.ins, ...card.outs].map((slot) => slot.pos![1]), [19, 19, 19]);
  editor.undo();
  assert.deepEqual(model.save().nodes[2], document().nodes[2]);
});

test("what others do to a bent link is done to it, and their points are shown", () => {
  const { model, editor } = loaded();
  const link = [...model.graph._links.values()][0]!;
  setBends(link, [[10, 20]]);
  editor.flush();
  const ends = { from: ["in", "text"] as [string, string], to: ["style", "key"] as [string, string] };
  const moved = rebased(model.snapshot(), { removed_links: [ends], links: [{ ...ends, via: [[5, 5]] }] });
  assert.deepEqual([...moved.links].filter((text) => text.includes("via")), [JSON.stringify({ ...ends, via: [[5, 5]] })]);
  assert.equal(moved.links.size, 4);
  assert.equal(rebased(model.snapshot(), { removed_links: [ends] }).links.size, 3);
});
