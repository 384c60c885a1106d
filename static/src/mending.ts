/** Telling what had to be mended in a file before it could be shown. */
import { t } from "./words.ts";

/** Says which ids more than one node had; true when there were any, so that the server's copy is not what is shown. */
export function mended(board: { refuse(reason: string): void }, shared: string[]): boolean {
  if (!shared.length) return false;
  const ids = shared.slice(0, 5).join(", ");
  board.refuse(t("More than one node was called {ids}: all but the first have a new name", { ids }));
  return true;
}
