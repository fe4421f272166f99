/** Brotli copies beside everything the server sends, in `dist` or the folder named: a phone loads a third of the bytes. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

const dist = process.argv[2] ?? "dist";
const packed = /\.(?:js|css|html|svg|webmanifest|json|wasm)$/;
const pack = promisify(brotliCompress);

const files = (await readdir(dist, { recursive: true })).filter((name) => packed.test(name) && !name.startsWith("."));
await Promise.all(
  files.map(async (name) => {
    const path = join(dist, name);
    const plain = await readFile(path);
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
    await writeFile(`${path}.br`, await pack(plain, { params }));
  }),
);
