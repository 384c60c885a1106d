import assert from "node:assert/strict";
import { test } from "node:test";
import { Catalogue } from "../src/catalogue.ts";
import { duration, statusWords } from "../src/paint-status.ts";
import { Runs } from "../src/runs.ts";
import { summarise } from "../src/summary.ts";
import { wrap } from "../src/text.ts";
import { socketLook } from "../src/theme.ts";
import type { NodeType } from "../src/types.ts";

const TYPE: NodeType = {
  type: "generator",
  title: "Generator",
  group: "",
  description: "",
  inputs: [],
  outputs: [],
  settings_schema: {
    properties: {
      model: { type: "string" },
      count: { type: "integer", default: 1 },
      hd: { type: "boolean", title: "High detail" },
      token: { type: "string", writeOnly: true },
      formats: { type: "array" },
      fields: { type: "array" },
    },
  },
};

test("a summary names simple settings, uses defaults and never shows secrets", () => {
  const said = summarise(TYPE, { model: "proc/scene", hd: true, token: "hush", formats: ["web", "png"] });
  assert.equal(said, "proc/scene · count 1 · high detail · web, png");
  assert.equal(summarise({ ...TYPE, summary: ["fields"] }, { fields: [{ name: "a" }, { name: "b" }] }), "2 fields");
});

test("status is said in words and figures", () => {
  assert.equal(statusWords({ state: "running", progress: 0.424, ms: 8400, credits: 1 }), "Running 42 % · 8.4 s · 1 credit");
  assert.deepEqual([3, 1240, 95_000].map(duration), ["3 ms", "1.2 s", "1:35 min"]);
});

test("status updates merge, null clears, and a node that starts over keeps only its picture", () => {
  const runs = new Runs(() => undefined);
  runs.update({ a: { state: "running", progress: 0.5, thumb_url: "/t" }, b: { state: "queued" } });
  runs.update({ a: { state: "succeeded", ms: 9 }, b: null });
  assert.deepEqual([...runs], [["a", { state: "succeeded", progress: 0.5, thumb_url: "/t", ms: 9 }]]);
  runs.update({ a: { state: "queued" } });
  assert.deepEqual(runs.get("a"), { thumb_url: "/t", state: "queued" });
});

test("fitting follows the table that Python gives", () => {
  const catalogue = new Catalogue([], { Text: ["Integer"] });
  assert.deepEqual(
    [["Text", "Text"], ["Integer", "Text"], ["Text", "Integer"], ["Style", "Any"], ["Any", "Style"], ["Style", "constructor"]].map(([a, b]) => catalogue.fits(a!, b!)),
    [true, true, false, true, true, false],
  );
});

test("lists look like their items, doubled", () => {
  assert.deepEqual(socketLook("List[Image]", "dark"), { ...socketLook("Image", "dark"), list: true });
});

test("long text wraps into at most so many lines", () => {
  assert.equal(wrap("one two three four five six seven", "12px x", 60, 2).length, 2);
});
