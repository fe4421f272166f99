/** RFC 7638: the name of a P-256 key, b64u. */
import { b64u, sha256, utf8 } from "./bytes";

export async function thumbprint({ crv, kty, x, y }: JsonWebKey): Promise<string> {
  // The required members in lexicographic order, without white space.
  return b64u(await sha256(utf8(JSON.stringify({ crv, kty, x, y }))));
}
