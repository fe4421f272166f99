/**
 * Which built files an entry needs. The service worker keeps on the phone what the field entry can reach: the desk
 * shares the build but needs the network, so its chunks would only cost an observer data. The budgets count the same.
 */

/**
 * One record of Vite's build manifest (`dist/.vite/manifest.json`).
 * @typedef {{
 *   readonly file: string,
 *   readonly css?: readonly string[],
 *   readonly assets?: readonly string[],
 *   readonly imports?: readonly string[],
 *   readonly dynamicImports?: readonly string[],
 * }} BuiltChunk
 * @typedef {Readonly<Record<string, BuiltChunk>>} BuildManifest
 */

/**
 * Files reachable from an entry, as paths relative to the build folder.
 * @param {BuildManifest} manifest
 * @param {string} entry key of the entry in the manifest, e.g. "index.html"
 * @param {"static" | "all"} follow the first load only, or everything the entry may ever import
 * @returns {Set<string>}
 * @throws {Error} when the manifest names a chunk that it does not hold
 */
export function reachableFiles(manifest, entry, follow) {
  /** @type {Set<string>} */
  const files = new Set();
  const seen = new Set();
  const waiting = [entry];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (seen.has(key)) continue;
    seen.add(key);
    const chunk = manifest[key];
    if (!chunk) throw new Error(`the build manifest has no chunk named ${key}`);
    for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) files.add(file);
    waiting.push(...(chunk.imports ?? []));
    if (follow === "all") waiting.push(...(chunk.dynamicImports ?? []));
  }
  return files;
}
