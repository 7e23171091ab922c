/** In `file` of the compiled code, below the build's root, `from`, which stands there once, becomes `to`. */
export type Edit = { readonly file: string; readonly from: string; readonly to: string };

/**
 * One safety rule taken out of the compiled code. Where two guards hold the same rule both are taken out: with one of
 * them left no rule breaks, and nothing could notice.
 */
export type Mutation = { readonly name: string; readonly edits: readonly Edit[] };

/** Replaces text in a file of the coordinator. */
export function inCoordinator(file: string, from: string, to: string): Edit {
  return { file: `coordinator/${file}.js`, from, to };
}

/** Replaces text in a file of the agent. */
export function inAgent(file: string, from: string, to: string): Edit {
  return { file: `agent/${file}.js`, from, to };
}

/** A mutation of one or several edits. */
export function without(name: string, ...edits: readonly Edit[]): Mutation {
  return { name, edits };
}
