/**
 * Builds the app once more with one module changed, as a release does that corrects a mistake: what a phone then fetches
 * is measured. `node build/changed.js <folder> <module>`: the module is a path's end, e.g. `src/ui/Button.svelte`.
 */
import { build } from "vite";

const [outDir, changed] = process.argv.slice(2);
if (!outDir || !changed) throw new Error("usage: node build/changed.js <folder> <module>");

let isFound = false;

await build({
  logLevel: "error",
  build: { outDir, emptyOutDir: true },
  plugins: [
    {
      name: "one-module-changed",
      /** @param {string} code @param {string} id */
      transform(code, id) {
        if (!id.endsWith(changed)) return null;
        isFound = true;
        return { code: `${code}\nglobalThis.correctedRelease = true;`, map: null };
      },
    },
  ],
});
if (!isFound) throw new Error(`no module ends in ${changed}`);
