import assert from "node:assert/strict";
import { test } from "node:test";
import { DocumentError, freshId, readDocument } from "../src/document.ts";
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
    [{ nodes: [{ id: "a", type: "b" }, { id: "a", type: "b" }] }, /'a' is used twice/],
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
