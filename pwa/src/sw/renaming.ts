/** The names of built files: `assets/base-Dx1_yZ-9.js` is the file `assets/base.js` with these contents. */

const hashed = /^(.*\/)?([^/]+)-[\w-]{8}(\.(?:js|css))$/;

export interface FileName {
  /** The same in every build. */
  stem: string;
  /** Without its folder, as other files name it. */
  name: string;
}

/** Undefined: its name says nothing about its content. `url` may be a whole address. */
export function fileName(url: string): FileName | undefined {
  const [, , stem, suffix] = hashed.exec(url) ?? [];
  return stem && suffix ? { stem: stem + suffix, name: url.slice(url.lastIndexOf("/") + 1) } : undefined;
}

/** From stem to name, in one build. Two files of one stem cannot be told apart in another build: neither is here. */
export function renamings(urls: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const twice = new Set<string>();
  for (const url of urls) {
    const file = fileName(url);
    if (!file) continue;
    if (names.has(file.stem)) twice.add(file.stem);
    names.set(file.stem, file.name);
  }
  for (const stem of twice) names.delete(stem);
  return names;
}

/** A script or style of an earlier build with the names that files have in this one. */
export function renamed(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(/[\w.-]+-[\w-]{8}\.(?:js|css)/g, (name) => names.get(fileName(name)?.stem ?? "") ?? name);
}
