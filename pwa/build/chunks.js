/**
 * Into how many files the field app is cut. Left to itself the bundler makes a file for every set of modules that two
 * screens share: 33 scripts before the first screen and 30 more to open a checklist, each a request with its headers,
 * and a task of its own on a slow phone. These few follow an observer's way; what one holds, the later ones reuse.
 */
import { fileURLToPath } from "node:url";

const field = fileURLToPath(new URL("../src/field.ts", import.meta.url));
const catalogue = /\/paraglide\/messages(?:\/(\w+))?\.js$/;
// Brought in by the bundler and by texts: no module of ours imports them by name.
const onlyCalled = /vite\/preload-helper|\/paraglide\/registry\.js$/;
const desk = fileURLToPath(new URL("../src/desk.ts", import.meta.url));

/** @typedef {{ modules: Set<string>, texts: Set<string> }} Reach */

/**
 * What an entry can reach: modules, and the texts they show. The catalogue itself names every text, and no screen needs
 * all of them: a text counts where a module says `m.its_name`.
 * @param {import("rolldown").ChunkingContext} graph
 * @param {string} entry
 * @param {boolean} later with what it imports only when it is needed
 * @returns {Reach}
 */
function reachOf(graph, entry, later) {
  const modules = new Set();
  const texts = new Set();
  const waiting = [entry];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (modules.has(id) || catalogue.test(id)) continue;
    modules.add(id);
    const info = graph.getModuleInfo(id);
    waiting.push(...(info?.importedIds ?? []), ...((later && info?.dynamicallyImportedIds) || []));
    for (const [, name] of (info?.code ?? "").matchAll(/\bm\.(\w+)/g)) texts.add(name?.toLowerCase());
  }
  return { modules, texts };
}

/** @returns {import("rolldown").CodeSplittingOptions} */
export function codeSplitting() {
  /** @type {Map<string, Reach>} */
  const known = new Map();
  /** @type {(graph: import("rolldown").ChunkingContext, id: string, entry: string, later: boolean) => boolean} */
  const isAmong = (graph, id, entry, later) => {
    const reach = known.get(entry + later) ?? reachOf(graph, entry, later);
    known.set(entry + later, reach);
    const text = catalogue.exec(id)?.[1];
    return text ? reach.texts.has(text.toLowerCase()) : reach.modules.has(id);
  };
  /** @type {import("rolldown").CodeSplittingGroup[]} */
  const groups = [
    {
      // What the first screens of both apps stand on.
      debugName: "base",
      name: (id, graph) =>
        onlyCalled.test(id) || (isAmong(graph, id, field, false) && isAmong(graph, id, desk, true)) ? "base" : null,
    },
    {
      // What the desk shares with the field app's later screens.
      debugName: "shared",
      name: (id, graph) => (isAmong(graph, id, field, true) && isAmong(graph, id, desk, true) ? "shared" : null),
    },
    {
      name: "start",
      test: /\/src\/(?:FieldApp\.svelte|app\/(?:open|session\.svelte)\.ts|ui\/(?:router\.svelte\.ts|update\.svelte\.ts|StartFailed\.svelte))$/,
    },
    // With what only an open vault lets a phone do.
    { name: "screens", test: /\/src\/(?:app\/screens\/work|sync\/pull)\.ts$/ },
    { name: "checklist", test: /\/src\/fill\/FillScreen\.svelte$/ },
    {
      name: "sending",
      test: /\/src\/submissions\/sending\.ts$|\/jose\//,
    },
    // What follows for a report that was finished, on the phone that made it and on the partner's.
    { name: "retainedScreens", test: /\/src\/(?:app\/(?:screens\/retainedScreens|pairWork)|sync\/teamContent)\.ts$/ },
    // Ways to answer that most checklists do without.
    { name: "rare-inputs", test: /\/src\/fill\/inputs\/rareInputs\.ts$/ },
  ];
  return { groups: groups.map((group, place) => ({ ...group, priority: groups.length - place })) };
}
