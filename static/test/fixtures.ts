import { Catalogue } from "../src/catalogue.ts";
import { Editor } from "../src/editor.ts";
import { Model } from "../src/model.ts";
import type { GraphDocument, NodeType, Patch } from "../src/types.ts";

function type(name: string, inputs: [string, string][], outputs: [string, string][], more: Partial<NodeType> = {}): NodeType {
  const sockets = (list: [string, string][]) => list.map(([socket, kind]) => ({ name: socket, type: kind }));
  return { type: name, title: name, group: "Test", description: "", inputs: sockets(inputs), outputs: sockets(outputs), ...more };
}

export const TYPES: NodeType[] = [
  type("words", [], [["text", "Text"], ["count", "Integer"]]),
  type("style", [["key", "Text"]], [["style", "Style"]]),
  type("prompt", [["subject", "Text"], ["style", "Style"]], [["prompt", "Prompt"]], { dynamic: true }),
  type("generator", [["prompt", "Prompt"]], [["images", "List[Image]"]]),
];

export function document(): GraphDocument {
  return {
    format: "sakuga.graph/1",
    name: "Test",
    description: "Kept as it is",
    nodes: [
      { id: "in", type: "words", title: null, settings: {}, position: [0, 0.1], size: null },
      { id: "style", type: "style", title: "Style", settings: { keys: ["a", "b"] }, position: [300, 200] },
      { id: "prompt", type: "prompt", settings: { template: "{{subject}}" }, position: [600.25, -7], size: [333.3, 210] },
      { id: "odd", type: "from_the_future", title: "Odd", settings: { deep: { er: [1, null] } }, position: [900, 0] },
    ],
    links: [
      { from: ["in", "text"], to: ["style", "key"] },
      { from: ["style", "style"], to: ["prompt", "style"] },
      { from: ["in", "text"], to: ["prompt", "subject"] },
      { from: ["prompt", "prompt"], to: ["odd", "anything"] },
    ],
    groups: [{ id: "g", title: "Group", position: [-20, -40], size: [400, 300], color: "blue", description: "why" }],
    notes: [{ id: "n", text: "Hello", position: [0, 500], size: [200, 100] }],
  };
}

export function editor(): { editor: Editor; model: Model; patches: Patch[] } {
  const patches: Patch[] = [];
  const model = new Model(new Catalogue(TYPES, { Number: ["Integer"], Text: ["Number", "Integer"] }));
  return { editor: new Editor(model, (patch) => patches.push(patch)), model, patches };
}

export function loaded(given: unknown = document(), revision = 7): ReturnType<typeof editor> {
  const made = editor();
  made.editor.load({ document: given, revision });
  return made;
}
