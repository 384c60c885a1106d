// Bundles src/index.ts into <out>/canvas/index.js and copies the licences of what is inside to <out>/licenses/.
import { cp, mkdir, readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "dist"));

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["src/index.ts"],
  outfile: join(out, "canvas", "index.js"),
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  metafile: true,
  legalComments: "inline",
  loader: { ".css": "text" },
});

const bundled = new Set();
for (const input of Object.keys(metafile.inputs)) {
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
  if (name) bundled.add(name);
}
await mkdir(join(out, "licenses"), { recursive: true });
for (const name of bundled) {
  const folder = join(here, "node_modules", name);
  const licence = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
  if (!licence) throw new Error(`${name} is bundled but carries no licence file`);
  await cp(join(folder, licence), join(out, "licenses", `${name.replace("/", "__")}.txt`));
}
