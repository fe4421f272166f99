/**
 * Makes `main.ts` and all of the app it uses one module for Node: `node proof/build.js FOLDER` writes FOLDER/proof.js.
 * The bugs of `sownBugs.js` are put into the copy on its way, each asleep until the proof wakes it.
 * `node proof/build.js FOLDER cuts` makes one of `cuts.ts`, with the app as it is.
 */
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { sownBugs } from "./sownBugs.js";

const here = dirname(fileURLToPath(import.meta.url));
const sources = join(here, "../src");
const [, , folder, entry = "main"] = process.argv;
if (!folder) throw new Error("say which folder proof.js goes to");

/** Rejects a bug whose place is gone: it would prove nothing any more. */
function sow(code, path) {
  let sown = code;
  if (path === scaled.file) {
    if (!code.includes(scaled.find)) throw new Error(`${scaled.file} has no "${scaled.find}" to make smaller`);
    sown = code.replace(scaled.find, scaled.put);
  }
  for (const { name, file, find, put } of sownBugs.filter((bug) => bug.file === path)) {
    if (sown.split(find).length !== 2) throw new Error(`the bug "${name}" finds its place in ${file} not exactly once`);
    sown = sown.replace(find, () => put(`(globalThis.sownBug === ${JSON.stringify(name)})`, find));
  }
  return sown;
}

/** Pieces of uploads, so small that a photo the size of an icon has several: a proof sends thousands. */
const scaled = { file: "attachments/tus.ts", find: "leastChunkBytes = 64 * 1024", put: "leastChunkBytes = 4 * 1024" };

const sown = new Set();
const noWorker = "\0no-worker";

await build({
  configFile: false,
  root: here,
  logLevel: "error",
  // Argon2id is asked on the page: Node has no workers of a browser's kind.
  define: { "import.meta.env.PROD": "false" },
  plugins: [
    {
      name: "no-workers",
      enforce: "pre",
      resolveId: (id) => (id.endsWith("?worker&url") ? noWorker : undefined),
      load: (id) => (id === noWorker ? 'export default ""' : undefined),
    },
    entry === "main" && {
      name: "sown-bugs",
      enforce: "pre",
      transform(code, id) {
        const path = relative(sources, id);
        sown.add(path);
        return sow(code, path);
      },
      buildEnd() {
        const missed = sownBugs.find(({ file }) => !sown.has(file));
        if (missed) throw new Error(`the bug "${missed.name}" is for ${missed.file}, which the proof does not use`);
      },
    },
  ],
  ssr: { noExternal: true },
  build: {
    ssr: join(here, `${entry}.ts`),
    outDir: folder,
    emptyOutDir: false,
    target: "es2022",
    minify: false,
    rolldownOptions: { output: { entryFileNames: "proof.js", codeSplitting: false } },
  },
});
