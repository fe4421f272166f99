/** Makes `opinion.ts` one module for a page of its own: `node opinion/build.js FOLDER` writes FOLDER/opinion.js. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const [, , folder] = process.argv;
if (!folder) throw new Error("say which folder opinion.js goes to");

await build({
  configFile: false,
  root: here,
  logLevel: "error",
  build: {
    outDir: folder,
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: join(here, "opinion.ts"), formats: ["es"], fileName: () => "opinion.js" },
  },
});
