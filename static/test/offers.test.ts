import assert from "node:assert/strict";
import { test } from "node:test";
import { bridges } from "../src/bridges.ts";
import { Catalogue } from "../src/catalogue.ts";
import { offers, searched } from "../src/offers.ts";
import type { NodeType } from "../src/types.ts";
import { typeWords } from "../src/typewords.ts";

type Given = [name: string, type: string, required?: boolean][];

function kind(type: string, inputs: Given, outputs: Given): NodeType {
  const sockets = (list: Given) => list.map(([name, socket, required]) => ({ name, type: socket, required: required ?? false }));
  return { type, title: type, group: "Test", description: "", inputs: sockets(inputs), outputs: sockets(outputs) };
}

const catalogue = new Catalogue(
  [
    kind("pass", [["value", "Any", true]], [["value", "Any"]]),
    kind("styler", [["key", "Text"]], [["style", "Style"]]),
    kind("writer", [["subject", "Text", true], ["style", "Style"]], [["prompt", "Prompt"]]),
    kind("painter", [["prompt", "Prompt", true]], [["images", "List[Image]"]]),
    kind("titler", [["images", "List[Image]", true], ["subject", "Text", true]], [["title", "Text"]]),
  ],
  { Text: ["Integer"] },
);

test("a loose wire is offered what takes it: the very type first, what takes anything last", () => {
  const found = offers(catalogue, { side: "from", type: "Style" });
  assert.deepEqual(found.map(({ type, socket }) => [type.type, socket]), [["writer", "style"], ["pass", "value"]]);
  const text = offers(catalogue, { side: "from", type: "Integer" }).map(({ type }) => type.type);
  assert.deepEqual(text, ["writer", "titler", "styler", "pass"], "needed inputs first, then what needs least else");
});

test("a wire from an input is offered what gives its type", () => {
  assert.deepEqual(offers(catalogue, { side: "to", type: "Prompt" }).map(({ type }) => type.type), ["writer", "pass"]);
});

test("a bridge is one node that is ready at once; what passes anything on is none", () => {
  assert.deepEqual(bridges(catalogue, "Text", "Style").map(({ type, input, output }) => [type.type, input, output]), [["styler", "key", "style"]]);
  assert.deepEqual(bridges(catalogue, "Integer", "Prompt").map(({ type }) => type.type), ["writer"]);
  assert.deepEqual(bridges(catalogue, "List[Image]", "Text"), [], "the titler would still need a subject");
  assert.deepEqual(bridges(catalogue, "Style", "Payload"), []);
});

test("search wants every word and puts titles that begin with it first", () => {
  const found = searched(offers(catalogue, null), "t");
  assert.equal(found[0]!.type.type, "titler");
  assert.equal(searched(offers(catalogue, null), "no such thing").length, 0);
  assert.equal(searched(offers(catalogue, null), " ").length, 5);
});

test("types are said as people say them", () => {
  assert.equal(typeWords("List[Image]"), "a list of pictures");
  assert.equal(typeWords("List[List[Text]]"), "a list of a list of texts");
  assert.equal(typeWords("Sculpture"), "“Sculpture”");
});
