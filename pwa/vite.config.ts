import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { paraglideVitePlugin } from "@inlang/paraglide-js";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";
import { codeSplitting } from "./build/chunks.js";
import { commonWords } from "./build/commonWords.js";
import { compileHints } from "./build/compileHints.js";
import { directImports } from "./build/directImports.js";
import { messageOptions } from "./build/messages.js";
import { reachableFiles } from "./build/reach.js";

/** Where `vite dev` finds the API; the built app is served by the API itself, on one origin. */
const api = process.env.STEPPE_API ?? "http://127.0.0.1:8000";

/** Where this build goes: `--outDir` may say otherwise. */
let built = "dist";

/** The manifest of the build names no workers. The server knows them by this name too: they obey a policy of their own. */
const workers = "assets/worker-";

/**
 * What no first visit needs before the vault is made: the estimator, which the page then fetches itself, what becomes of an
 * earlier app's drafts and of what was received, the journal, wiping, carrying and correcting, and words at twice their size, which are
 * broken until it comes. The service worker keeps it once the vault is open. All else is on the phone before the worker is in
 * charge.
 */
const later =
  /^assets\/(?:estimator|timedDrafts|fitWords|rareWork|laterWork|worker-journalWorker|retainedScreens|ChangeList)-/;

/** What the service worker knows a file by: whatever else arrives under its name is not kept. */
async function described<Entry extends { url: string }>(
  entry: Entry,
): Promise<Entry & { digest: string; isLater?: true }> {
  const content = await readFile(join(built, entry.url));
  const digest = createHash("sha256").update(content).digest("base64url").slice(0, 12);
  return { ...entry, digest, ...(later.test(entry.url) ? { isLater: true } : {}) };
}

export default defineConfig(({ command, mode }) => ({
  plugins: [
    {
      name: "where-it-is-built",
      configResolved(config) {
        built = config.build.outDir;
      },
    },
    command === "serve" && mode !== "test" && paraglideVitePlugin(messageOptions),
    commonWords(),
    compileHints(),
    directImports(),
    svelte(),
    VitePWA({
      strategies: "injectManifest",
      srcDir: "src",
      filename: "sw.ts",
      // Registration belongs to src/field.ts: the desk runs without a service worker.
      injectRegister: false,
      manifest: false,
      injectManifest: {
        // Not the pictures for home screens, nor the manifest that names them: who installs fetches them, with a network.
        globPatterns: ["index.html", "assets/**/*.{js,css,svg,woff2}"],
        manifestTransforms: [
          async (entries) => {
            const chunks = await readFile(join(built, ".vite/manifest.json"), "utf8");
            const field = reachableFiles(JSON.parse(chunks), "index.html", "all");
            const kept = entries.filter(
              ({ url }) => !url.startsWith("assets/") || url.startsWith(workers) || field.has(url),
            );
            return { manifest: await Promise.all(kept.map(described)) };
          },
        ],
      },
    }),
  ],
  build: {
    target: "es2022",
    manifest: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        field: "index.html",
        desk: "desk/index.html",
        preview: "desk/preview.html",
        receipt: "receipt/index.html",
      },
      output: {
        codeSplitting: codeSplitting(),
        // The way into a chunk and the chunk itself never share a name: by its name an update knows a file again.
        chunkFileNames: ({ isDynamicEntry }) => `assets/[name]${isDynamicEntry ? "-entry" : ""}-[hash].js`,
      },
    },
  },
  worker: { format: "es", rolldownOptions: { output: { entryFileNames: `${workers}[name]-[hash].js` } } },
  server: { proxy: { "/api": api } },
  test: {
    include: ["src/**/*.test.ts", "build/**/*.test.ts"],
    environment: "node",
    // Two cores are shared with the other checks; tests that need IndexedDB import "fake-indexeddb/auto" themselves.
    maxWorkers: 2,
    // A busy machine is not a bug: only a test that hangs is stopped.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
}));
