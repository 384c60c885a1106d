import assert from "node:assert/strict";
import { test } from "node:test";
import { pasteText, readPiece, renamed } from "../src/clipboard.ts";
import { loaded } from "./fixtures.ts";

test("a pasted piece gets fresh ids, its inner links follow and outer ones are left behind", () => {
  const { editor, model, patches } = loaded();
  const piece = editor.piece(new Set(["style", "prompt"]), new Set(["n"]), new Set(["g"]));
  assert.equal(piece.links.length, 1);
  editor.paste(piece, [40, 40]);
  editor.flush();
  const [patch] = patches;
  assert.deepEqual(patch!.nodes.map(({ id }) => id), ["style_2", "prompt_2"]);
  assert.deepEqual(patch!.links, [{ from: ["style_2", "style"], to: ["prompt_2", "style"] }]);
  assert.deepEqual(patch!.nodes[0]!.position, [340, 240]);
  assert.equal(patch!.notes!.length, 2);
  assert.equal(patch!.groups!.length, 2);
  editor.undo();
  assert.equal(model.cards.size, 4, "a paste is one step");
});

test("text that is no graph is left alone, a broken graph is refused with the field", async () => {
  assert.equal(readPiece("hello"), null);
  assert.equal(readPiece("{broken"), null);
  assert.equal(readPiece('{"a": 1}'), null);
  const reasons: string[] = [];
  const board = { locked: false, copy: () => null, paste: () => assert.fail(), deleteSelection: () => undefined, refuse: (why: string) => void reasons.push(why), check: () => null };
  await pasteText(board, '{"nodes": [{"id": "a"}]}');
  await pasteText(board, JSON.stringify({ nodes: Array.from({ length: 2001 }, (_, i) => ({ id: `n${i}`, type: "x", position: [0, 0] })) }));
  assert.match(reasons[0]!, /nodes\[0\]\.type/);
  assert.match(reasons[1]!, /at most 2000/);
});

test("renaming keeps two nodes of the same origin apart", () => {
  const piece = { format: "", nodes: [{ id: "a", type: "t", position: [0, 0] as [number, number] }, { id: "a_2", type: "t", position: [0, 0] as [number, number] }], links: [], groups: [], notes: [] };
  assert.deepEqual(renamed(piece, ["a"], [0, 0]).nodes.map(({ id }) => id), ["a_2", "a_3"]);
});
