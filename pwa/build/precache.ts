/**
 * Which built files the service worker keeps on the phone: the field entry and all it can reach.
 * The desk shares the build but needs the network, so its chunks would only cost an observer data.
 */

/** One record of Vite's build manifest (`dist/.vite/manifest.json`). */
export interface BuiltChunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly assets?: readonly string[];
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
}

export type BuildManifest = Readonly<Record<string, BuiltChunk>>;

/**
 * Files reachable from an entry, as paths relative to the build folder.
 * `follow` chooses between the first load ("static") and everything the entry may ever import ("all").
 */
export function reachableFiles(manifest: BuildManifest, entry: string, follow: "static" | "all"): Set<string> {
  const files = new Set<string>();
  const seen = new Set<string>();
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
