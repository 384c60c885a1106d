import assert from "node:assert/strict";
import { test } from "node:test";
import { document, loaded } from "./fixtures.ts";

test("a patch holds what changed and nothing else, and its rev steps by one", () => {
  const { editor, model, patches } = loaded();
  model.cards.get("style")!.pos = [310, 200];
  assert.equal(editor.flush(), true);
  assert.deepEqual(patches, [
    { rev: 8, nodes: [{ ...document().nodes[1]!, position: [310, 200] }], links: [], removed_nodes: [], removed_links: [] },
  ]);
  assert.equal(editor.flush(), false);
});

test("deleting a node removes its links in the same patch, and undo brings both back", () => {
  const { editor, model, patches } = loaded();
  model.graph.remove(model.cards.get("style")!);
  editor.flush();
  assert.deepEqual(patches[0]!.removed_nodes, ["style"]);
  assert.equal(patches[0]!.removed_links.length, 2);
  assert.equal(editor.undo(), true);
  assert.deepEqual(new Set(patches[1]!.links.map((link) => link.to[0])), new Set(["style", "prompt"]));
  const now = model.save();
  assert.deepEqual(now.nodes, document().nodes);
  assert.equal(now.links.length, 4);
});

test("undo and redo walk over whole gestures, up to the limit, and every step is a patch", () => {
  const { editor, model, patches } = loaded();
  for (let i = 1; i <= 120; i += 1) {
    model.cards.get("in")!.pos = [i * 10, 0];
    editor.flush();
  }
  let steps = 0;
  while (editor.undo()) steps += 1;
  assert.equal(steps, 100);
  assert.equal(model.cards.get("in")!.pos[0], 200);
  while (editor.redo()) steps -= 1;
  assert.equal(steps, 0);
  assert.equal(model.cards.get("in")!.pos[0], 1200);
  assert.deepEqual(patches.map(({ rev }) => rev), Array.from({ length: 320 }, (_, i) => 8 + i));
});

test("undo keeps the card objects that stay, so that selection and pictures survive", () => {
  const { editor, model } = loaded();
  const card = model.cards.get("prompt")!;
  card.pos = [0, 0];
  editor.flush();
  editor.undo();
  assert.equal(model.cards.get("prompt"), card);
});

test("quick edits of one node's settings are one step of undo", () => {
  const { editor, model } = loaded();
  for (const template of ["a", "ab", "abc"]) {
    model.setSettings("prompt", { template });
    editor.flush("settings prompt");
  }
  editor.undo();
  assert.deepEqual(model.cards.get("prompt")!.spec.settings, { template: "{{subject}}" });
});

test("links that fit are made, others are refused with the reason", () => {
  const { model } = loaded();
  const [words, style, prompt] = ["in", "style", "prompt"].map((id) => model.cards.get(id)!) as [never, never, never];
  const why = (from: { outs: { spec: never }[] }, out: number, to: { ins: { spec: never }[] }, at: number) =>
    model.judge(from as never, from.outs[out]!.spec, to as never, to.ins[at]!.spec);
  assert.equal(why(words, 1, prompt, 0), null, "an Integer can be read as Text");
  assert.equal(why(style, 0, prompt, 0), "“style” gives a style, but “subject” takes a text");
  assert.equal(why(style, 0, style, 0), "Style cannot feed itself");
  model.setSockets("prompt", { inputs: [{ name: "subject", type: "Text" }], outputs: [{ name: "text", type: "Text" }] });
  assert.equal(why(prompt, 0, style, 0), "This would make a loop: Style already leads to prompt");
});

test("a refused link leaves the graph as it was", () => {
  const { editor, model } = loaded();
  model.cards.get("style")!.connect(0, model.cards.get("prompt")!, 0);
  assert.equal(editor.flush(), false);
});

test("sockets computed by the server replace old ones; links stay, marked missing when theirs went", () => {
  const { editor, model } = loaded();
  const card = model.cards.get("prompt")!;
  editor.setSockets({ prompt: { inputs: [{ name: "mood", type: "Text" }, { name: "style", type: "Style" }], outputs: [{ name: "prompt", type: "Prompt" }] } });
  assert.deepEqual(card.ins.map((slot) => [slot.name, !!slot.spec.missing]), [["mood", false], ["style", false], ["subject", true]]);
  assert.equal(editor.flush(), false, "the document did not change");
  model.graph.removeLink(card.ins[2]!.link!);
  editor.flush();
  assert.deepEqual(card.ins.map((slot) => slot.name), ["mood", "style"]);
});

test("a new node gets a readable id, a free place and the link that was asked for", () => {
  const { editor, model, patches } = loaded();
  const card = editor.addNode("generator", [604, -3], {}, { from: ["prompt", "prompt"] })!;
  editor.flush();
  assert.equal(card.key, "generator");
  assert.deepEqual(patches[0]!.links, [{ from: ["prompt", "prompt"], to: ["generator", "prompt"] }]);
  assert.deepEqual(patches[0]!.nodes[0]!.position, [630, 30], "not on top of another card");
  assert.equal(editor.addNode("nonsense", [0, 0]), null);
  assert.equal(model.cards.has("nonsense"), false);
});

test("5,000 nodes load and save", () => {
  const nodes = Array.from({ length: 5000 }, (_, i) => ({ id: `n${i}`, type: "prompt", settings: {}, position: [i % 100, i] }));
  const links = nodes.slice(1).map((node, i) => ({ from: [`n${i}`, "prompt"], to: [node.id, "style"] }));
  const given = { format: "sakuga.graph/1", nodes, links, groups: [], notes: [] };
  const { model } = loaded(given);
  assert.deepEqual(model.save(), given);
});
