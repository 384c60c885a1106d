/** Socket types as people say them: “a list of pictures”, never “List[Image]”. */
import { t } from "./words.ts";

const ONE = new Map<string, () => string>([
  ["Text", () => t("a text")],
  ["Prompt", () => t("a prompt")],
  ["Style", () => t("a style")],
  ["Image", () => t("a picture")],
  ["Video", () => t("a video")],
  ["Mask", () => t("a mask")],
  ["Payload", () => t("the data of the call")],
  ["Report", () => t("a quality report")],
  ["Number", () => t("a number")],
  ["Integer", () => t("a whole number")],
  ["Boolean", () => t("yes or no")],
  ["Any", () => t("anything")],
]);

const MANY = new Map<string, () => string>([
  ["Text", () => t("a list of texts")],
  ["Prompt", () => t("a list of prompts")],
  ["Style", () => t("a list of styles")],
  ["Image", () => t("a list of pictures")],
  ["Video", () => t("a list of videos")],
  ["Mask", () => t("a list of masks")],
  ["Payload", () => t("a list of data")],
  ["Report", () => t("a list of quality reports")],
  ["Number", () => t("a list of numbers")],
  ["Integer", () => t("a list of whole numbers")],
  ["Any", () => t("a list")],
]);

/** A type in words; one nobody has words for is quoted. */
export function typeWords(type: string): string {
  const item = /^List\[(.*)\]$/.exec(type)?.[1];
  if (item === undefined) return ONE.get(type)?.() ?? `“${type}”`;
  return MANY.get(item)?.() ?? t("a list of {type}", { type: typeWords(item) });
}
