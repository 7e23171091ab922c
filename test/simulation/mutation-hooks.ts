import type { LoadHook } from 'node:module';

/** What is replaced in a module as it is loaded. */
export type Replacement = { readonly url: string; readonly from: string; readonly to: string };

let wanted: readonly Replacement[] = [];

/** Called by Node once, with what `register` was given. */
export function initialize(replacements: readonly Replacement[]): void {
  wanted = replacements;
}

/** Loads modules as ever, but for those that something is replaced in. */
export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  const replacements = wanted.filter((one) => one.url === url);
  if (replacements.length === 0) return loaded;
  let source = Buffer.from(loaded.source as Uint8Array).toString();
  for (const { from, to } of replacements) {
    const parts = source.split(from);
    if (parts.length !== 2) throw new Error(`${url} has ${parts.length - 1} times: ${from}`);
    source = parts.join(to);
  }
  return { ...loaded, source };
};
