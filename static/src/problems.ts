/** What is wrong, as a list and counted by node. */
import type { Problem } from "./types.ts";

export class Problems extends Map<string, { errors: number; warnings: number }> {
  list: Problem[] = [];

  fill(list: Problem[]): void {
    this.list = list;
    this.clear();
    for (const { node, severity } of list) {
      if (node === null) continue;
      const count = this.get(node) ?? { errors: 0, warnings: 0 };
      count[severity === "warning" ? "warnings" : "errors"] += 1;
      this.set(node, count);
    }
  }
}
