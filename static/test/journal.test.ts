import assert from "node:assert/strict";
import { test } from "node:test";
import { Journal } from "../src/journal.ts";
import { Editor } from "../src/editor.ts";
import { document, editor as made, loaded } from "./fixtures.ts";

function storage(): { getItem(key: string): string | null; setItem(key: string, text: string): void; removeItem(key: string): void; size(): number } {
  const kept = new Map<string, string>();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => void kept.set(key, text), removeItem: (key) => void kept.delete(key), size: () => kept.size };
}

function working(journal: Journal): { editor: Editor; model: ReturnType<typeof made>["model"] } {
  const { model } = made();
  const editor = new Editor(model, (patch, before) => journal.keep(patch, before));
  editor.load({ document: document(), revision: 0 });
  return { editor, model };
}

test("what the server stored is forgotten, what it did not is there for the next page", () => {
  const store = storage();
  const { editor, model } = working(new Journal("/a", store));
  model.setSettings("prompt", { template: "one" });
  editor.flush();
  model.cards.get("style")!.pos = [310, 200];
  editor.flush();
  const next = new Journal("/a", store);
  const { model: fresh } = loaded();
  fresh.restore(next.recovered(fresh.snapshot())!);
  assert.deepEqual(fresh.save(), model.save());
  assert.equal(new Journal("/b", store).recovered(fresh.snapshot()), null, "another workflow's is none of its business");
});

test("acknowledged changes leave nothing behind", () => {
  const store = storage();
  const journal = new Journal("/a", store);
  const { editor, model } = working(journal);
  for (const x of [310, 320, 330]) {
    model.cards.get("style")!.pos = [x, 200];
    editor.flush();
  }
  journal.saved(2);
  assert.equal(store.size(), 1);
  journal.saved(3);
  assert.equal(store.size(), 0);
});

test("what others did meanwhile stays: fields are laid over theirs, one by one", () => {
  const store = storage();
  const { editor, model } = working(new Journal("/a", store));
  model.setSettings("odd", { deep: { er: [1, null] }, mine: 1 });
  model.graph.remove(model.cards.get("style")!);
  editor.flush();
  const theirs = document();
  theirs.nodes[3] = { ...theirs.nodes[3]!, title: "Theirs", settings: { ...theirs.nodes[3]!.settings, theirs: 2 } };
  const { model: fresh } = loaded(theirs);
  fresh.restore(new Journal("/a", store).recovered(fresh.snapshot())!);
  const odd = fresh.save().nodes.find(({ id }) => id === "odd")!;
  assert.deepEqual([odd.title, odd.settings], ["Theirs", { deep: { er: [1, null] }, mine: 1, theirs: 2 }]);
  assert.equal(fresh.cards.has("style"), false);
});

test("a storage that is full or holds nonsense is no reason to fail", () => {
  const full = { getItem: () => "{broken", setItem: () => { throw new Error("quota"); }, removeItem: () => undefined };
  const journal = new Journal("/a", full);
  const { editor, model } = working(journal);
  model.cards.get("style")!.pos = [0, 0];
  assert.equal(editor.flush(), true);
  assert.equal(journal.recovered(model.snapshot()), null);
});
