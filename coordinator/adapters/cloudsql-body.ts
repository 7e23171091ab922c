import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

/** The bytes of an answer as they came in, compressed perhaps, and by what they are known again. */
export type Body = { readonly digest: string; readonly chunks: readonly Uint8Array[] };

/** Of an answer that was unpacked; 1,000 instances take one or two. */
const unpackedBytesMax = 64 * 1024 * 1024;
const pieceBytesMax = 4 * 1024 * 1024;

/**
 * Reads an answer to its end. Neither joined, unpacked nor parsed: a listing has megabytes, which hardly ever are others
 * than those before.
 */
export async function readBody(stream: AsyncIterable<Uint8Array>): Promise<Body> {
  const hash = createHash('sha256');
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    hash.update(chunk);
    chunks.push(chunk);
  }
  return { digest: hash.digest('base64'), chunks };
}

/** The bytes of an answer's text; null for what cannot be unpacked. */
export function unpack({ chunks }: Body): Buffer | null {
  const bytes = Buffer.concat(chunks);
  // By its first bytes, which no JSON begins with: whoever is in between may have unpacked it, and left the header.
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isPacked) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: unpackedBytesMax, chunkSize: roomFor(bytes) });
  } catch {
    return null;
  }
}

/** What is packed says at its end how long it was, so that it can be unpacked in one piece. It is believed no more than that. */
function roomFor(packed: Buffer): number {
  const said = packed.length < 4 ? 0 : packed.readUInt32LE(packed.length - 4);
  return Math.min(Math.max(said + 64, 1024), pieceBytesMax);
}

/** Parses an answer; null for what is no JSON, as some proxy's page. */
export function parseBody(body: Body): unknown {
  return parseText(unpack(body));
}

/** Parses an answer that is there as a whole; null for what is no JSON. */
export function parseBytes(bytes: ArrayBuffer): unknown {
  return parseBody({ digest: '', chunks: [new Uint8Array(bytes)] });
}

/** Parses a text; null for what is no JSON. */
export function parseText(text: Buffer | null): unknown {
  try {
    return text === null ? null : JSON.parse(text.toString('utf8'));
  } catch {
    return null;
  }
}
