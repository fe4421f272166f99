/**
 * Prints what a phone downloads, brotli-compressed, against the budgets, and fails when one is over.
 * An observer on a 2G connection waits about a second for every 20 kB of the first load.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { reachableFiles } from "./reach.js";

// 80 with the headers of its eight requests (tests/bench/visits.py measures them).
const FIRST_LOAD_KB = 72;
// It wipes a phone as headquarters orders, believes the keys that headquarters changed, and holds back what a server does not
// take yet, with no window open: a worker cannot load that when it needs it.
const SERVICE_WORKER_KB = 10.6;
const LATER_CHUNK_KB = 60;

const dist = fileURLToPath(new URL("../dist", import.meta.url));
if (!existsSync(join(dist, ".vite/manifest.json"))) {
  console.error("pwa/dist is not built: run `make pwa` first.");
  process.exit(2);
}

/** @param {string} file relative to dist */
const kilobytes = (file) => brotliCompressSync(readFileSync(join(dist, file))).length / 1000;

/** What runs beside the page starts when there is something to do: no first screen waits for it. @param {string} file */
const isWorker = (file) => file.startsWith("assets/worker-");

/** @param {string} file */
const isCode = (file) => /\.(js|css)$/.test(file);

const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));

/** @param {string} entry */
const firstLoad = (entry) =>
  [entry, ...reachableFiles(manifest, entry, "static")].filter((f) => (isCode(f) && !isWorker(f)) || f === entry);

const field = firstLoad("index.html");
const desk = firstLoad("desk/index.html");
const later = readdirSync(join(dist, "assets"))
  .map((name) => `assets/${name}`)
  .filter((file) => isCode(file) && !field.includes(file));

/** @param {readonly string[]} files */
const sum = (files) => files.reduce((total, file) => total + kilobytes(file), 0);

const rows = [
  { what: "field entry, first load (HTML, JS, CSS)", size: sum(field), budget: FIRST_LOAD_KB },
  { what: "service worker", size: kilobytes("sw.js"), budget: SERVICE_WORKER_KB },
  { what: "desk entry, first load", size: sum(desk), budget: undefined },
  ...later.map((file) => ({ what: `later chunk ${file}`, size: kilobytes(file), budget: LATER_CHUNK_KB })),
];

let isOver = false;
for (const { what, size, budget } of rows) {
  const over = budget !== undefined && size > budget;
  isOver ||= over;
  const limit = budget === undefined ? "" : ` of ${budget}`;
  console.log(`${over ? "OVER" : "ok  "}  ${size.toFixed(1).padStart(6)} kB${limit.padEnd(7)} ${what}`);
}
process.exit(isOver ? 1 : 0);
