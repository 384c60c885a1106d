export { DocumentError } from "./document.ts";
export { GraphView } from "./view.ts";
export { speak } from "./words.ts";
export { Overlay } from "./overlay.ts";
export { adopt, apply, Remote } from "./remote.ts";
