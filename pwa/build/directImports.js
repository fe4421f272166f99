/**
 * Lets `import()` load a chunk itself. Where a module that is imported only when needed lies in a chunk together with others
 * (chunks.js), the bundler makes a file of one line that passes its names on: a request with its headers, about 0.8 kB on
 * the wire, and on a slow phone one more script between the tap and the screen. Here the chunk itself exports these names,
 * beside the short ones that other chunks know it by, and the file goes.
 *
 * Names of files still follow their content: what is written over named the file that goes, and with it what that held.
 */
import { parseAst } from "vite";

/** @typedef {import("rolldown").OutputChunk} OutputChunk */
/** @typedef {{ chunk: string, names: Map<string, string> }} Passing names as they are asked for → as the chunk exports them */

/**
 * Which chunk a file passes the names of on, and which; undefined for a file that does anything else.
 * @param {string} code
 * @returns {Passing | undefined}
 */
export function passing(code) {
  const [statement, ...others] = parseAst(code).body;
  if (others.length > 0 || statement?.type !== "ExportNamedDeclaration" || !statement.source) return undefined;
  const names = statement.specifiers.map(
    ({ local, exported }) => /** @type {const} */ ([nameOf(exported), nameOf(local)]),
  );
  return { chunk: statement.source.value, names: new Map(names) };
}

/**
 * A chunk that exports what it does under further names too.
 * @param {string} code
 * @param {ReadonlyMap<string, string>} names new name → one that it has
 * @returns {string}
 * @throws {Error} when it has no such name, or the new one means something else in it
 */
export function withNames(code, names) {
  const last = parseAst(code).body.at(-1);
  if (last?.type !== "ExportNamedDeclaration" || last.source)
    throw new Error("a chunk does not end with what it exports");
  const bindings = new Map(last.specifiers.map(({ local, exported }) => [nameOf(exported), nameOf(local)]));
  const added = [];
  for (const [name, known] of names) {
    const binding = bindings.get(known);
    if (binding === undefined) throw new Error(`a chunk exports no ${known}`);
    const meant = bindings.get(name);
    if (meant === binding) continue;
    if (meant !== undefined) throw new Error(`a chunk exports ${name} already, and means something else`);
    bindings.set(name, binding);
    added.push(`${binding} as ${name}`);
  }
  const end = code.lastIndexOf("}");
  return added.length > 0 ? `${code.slice(0, end)},${added.join(",")}${code.slice(end)}` : code;
}

/** @param {{ name: string } | { value: string }} name */
const nameOf = (name) => ("name" in name ? name.name : JSON.stringify(name.value));

/** @returns {import("vite").Plugin} */
export function directImports() {
  return {
    name: "direct-imports",
    apply: "build",
    enforce: "pre",
    // A name that a landed build gave to other bytes may still lie in a browser's cache.
    augmentChunkHash: () => "direct-imports",
    generateBundle: {
      // Before Vite lists what each import() is to load beside.
      order: "pre",
      handler(_options, bundle) {
        /** @type {OutputChunk[]} */
        const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
        for (const file of chunks) {
          const found = file.isDynamicEntry && passing(file.code);
          if (!found) continue;
          const target = chunks.find(({ fileName }) => fileName === join(file.fileName, found.chunk));
          if (!target)
            this.error(`direct-imports: ${file.fileName} passes names of ${found.chunk} on, which is not there`);
          target.code = withNames(target.code, found.names);
          const [old, direct] = [file, target].map(({ fileName }) => /** @type {string} */ (fileName.split("/").pop()));
          for (const each of chunks) {
            if (!each.dynamicImports.includes(file.fileName)) continue;
            each.code = each.code.replaceAll(`./${old}`, `./${direct}`);
            each.dynamicImports = each.dynamicImports.map((name) => (name === file.fileName ? target.fileName : name));
          }
          delete bundle[file.fileName];
        }
      },
    },
  };
}

/**
 * @param {string} from path of a file
 * @param {string} to relative to it, beginning with "./"
 */
const join = (from, to) => from.slice(0, from.lastIndexOf("/") + 1) + to.slice(2);
