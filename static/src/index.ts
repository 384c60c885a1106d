export { DocumentError } from "./document.ts";
export { GraphView } from "./view.ts";
export { speak } from "./words.ts";
