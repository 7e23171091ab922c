import type { LoadHook } from 'node:module';

/** What is replaced in one module as it is loaded. */
export type Replacement = { readonly url: string; readonly from: string; readonly to: string };

let wanted: Replacement | null = null;

/** Called by Node once, with what `register` was given. */
export function initialize(replacement: Replacement): void {
  wanted = replacement;
}

/** Loads modules as ever, but for one. */
export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (wanted?.url !== url) return loaded;
  const source = Buffer.from(loaded.source as Uint8Array).toString();
  const parts = source.split(wanted.from);
  if (parts.length !== 2) throw new Error(`${url} has ${parts.length - 1} times: ${wanted.from}`);
  return { ...loaded, source: parts.join(wanted.to) };
};
