export { DocumentError } from "./document.ts";
export { landing, middle } from "./landing.ts";
export { Journal } from "./journal.ts";
export { Overlay } from "./overlay.ts";
export { pauseForms, recover } from "./recovering.ts";
export { adopt, apply, Remote } from "./remote.ts";
export { GraphView } from "./view.ts";
export { speak } from "./words.ts";
