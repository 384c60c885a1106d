import assert from "node:assert/strict";
import { test } from "node:test";
import { readPiece } from "../src/clipboard.ts";
import { DocumentError, freshId, openDocument, readDocument } from "../src/document.ts";
import { document, loaded } from "./fixtures.ts";

test("what is loaded and saved again is the same document, unknown types and fractions included", () => {
  const { model } = loaded();
  assert.deepEqual(model.save(), document());
});

test("loading tells nobody: there is nothing to send and nothing to undo", () => {
  const { editor, patches } = loaded();
  assert.equal(editor.flush(), false);
  assert.deepEqual(editor.undoable, { undo: false, redo: false });
  assert.equal(patches.length, 0);
});

test("a malformed document is refused, naming the field", () => {
  const wrong: [unknown, RegExp][] = [
    [null, /document: must be an object/],
    [{ nodes: {} }, /nodes: must be a list/],
    [{ nodes: [{ id: 1, type: "a" }] }, /nodes\[0\]\.id/],
    [{ nodes: [{ id: "a", type: "" }] }, /nodes\[0\]\.type/],
    [{ nodes: [{ id: "a", type: "b", position: [1, "2"] }] }, /nodes\[0\]\.position/],
    [{ nodes: [], links: [{ from: ["a"], to: ["b", "c"] }] }, /links\[0\]\.from/],
  ];
  for (const [given, message] of wrong) assert.throws(() => readDocument(given), message);
  assert.throws(() => readDocument({ nodes: 1 }), DocumentError);
});

test("a malformed document leaves the one on the canvas untouched", () => {
  const { editor, model } = loaded();
  assert.throws(() => editor.load({ document: { nodes: 5 } }));
  assert.deepEqual(model.save(), document());
});

test("twins and broken remarks are mended: a draft that holds them can be opened", () => {
  const node = { id: "a", type: "b", position: [0, 0] };
  const { document: read, shared } = openDocument({ nodes: [node, node, { ...node, id: "a_2" }], groups: [5, {}], notes: [{ id: "group_1" }, { id: 7, text: 9, size: [1] }] });
  assert.deepEqual(read.nodes.map(({ id }) => id), ["a", "a_3", "a_2"]);
  assert.deepEqual(shared, ["a"]);
  assert.deepEqual(read.groups.map(({ id }) => id), ["group_1", "group_2"]);
  assert.deepEqual(read.notes[1], { id: "note_2", text: "", position: [0, 0], size: [220, 120] });
});

test("what the server could never keep is refused before it is pasted, with node and field", () => {
  const bad: [object, RegExp][] = [
    [{ title: "m".repeat(201) }, /nodes\[0\] \('a'\)\.title: must have at most 200/],
    [{ position: [1e8, 0] }, /\.position: must lie between/],
    [{ size: [-1, 0] }, /\.size: must lie between 0/],
    [{ settings: JSON.parse('{"x": {"__proto__": 1}}') }, /\.settings\.x: has the key '__proto__'/],
    [{ title: "a\u0000" }, /control character/],
    [{ title: "\ud800" }, /surrogate/],
  ];
  for (const [part, why] of bad) assert.throws(() => readPiece(JSON.stringify({ nodes: [{ id: "a", type: "b", ...part }] })), why);
  assert.ok(readPiece(JSON.stringify({ nodes: [{ id: "a", type: "b", title: "👩‍👩‍👧 \u202eעברית" }] })));
});

test("names of objects' own machinery are ordinary names", () => {
  const hostile = ["__proto__", "constructor", "toString", "<img src=x onerror=alert(1)>", "hasOwnProperty", "onNodeAdded"];
  const given = JSON.parse(
    JSON.stringify({
      format: "sakuga.graph/1",
      onNodeAdded: "boom",
      nodes: hostile.map((name, i) => ({ id: name, type: name, title: name, settings: { x: 1 }, position: [i, 0] })),
      links: [{ from: ["__proto__", "constructor"], to: ["constructor", "__proto__"] }],
      groups: [],
      notes: [],
    }).replaceAll('"settings":{"x":1}', '"settings":{"__proto__":{"polluted":true},"constructor":1}'),
  ) as unknown;
  const { model, editor } = loaded(given);
  assert.equal(JSON.stringify(model.save()), JSON.stringify(given));
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  assert.equal(typeof model.graph.onNodeAdded, "undefined");
  for (const name of hostile) editor.model.setSockets(name, { inputs: [{ name: "__proto__", type: "constructor" }], outputs: [] });
  assert.equal(model.cards.size, hostile.length);
});

test("fresh ids are readable and free", () => {
  assert.equal(freshId("prompt", new Set()), "prompt");
  assert.equal(freshId("prompt", new Set(["prompt", "prompt_2"])), "prompt_3");
  assert.equal(freshId("prompt_2", new Set(["prompt"])), "prompt_2");
});
