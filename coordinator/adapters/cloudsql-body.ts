import { createHash } from 'node:crypto';

/** The bytes of an answer as they came in, and by what they are known again. */
export type Body = { readonly digest: string; readonly chunks: readonly Uint8Array[] };

/**
 * Reads an answer to its end. Neither joined nor parsed: a listing has megabytes, which hardly ever are others than
 * those before.
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

/** Parses an answer; null for what is no JSON, as some proxy's page. */
export function parseBody({ chunks }: Body): unknown {
  return parseText(Buffer.concat(chunks).toString('utf8'));
}

/** Parses a text; null for what is no JSON. */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
