/** Argon2id itself (RFC 9106), wherever it runs. */
import { argon2id } from "hash-wasm";
import type { Bytes } from "../wire/bytes";

export interface Argon2Work {
  passphrase: string;
  salt: Bytes;
  memoryKiB: number;
  iterations: number;
}

export async function argon2({ passphrase, salt, memoryKiB, iterations }: Argon2Work): Promise<Bytes> {
  return (await argon2id({
    // The same passphrase typed on another keyboard may come in other code points.
    password: passphrase.normalize("NFKC"),
    salt,
    parallelism: 1,
    iterations,
    memorySize: memoryKiB,
    hashLength: 32,
    outputType: "binary",
  })) as Bytes;
}
