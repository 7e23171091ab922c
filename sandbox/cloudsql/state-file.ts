import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { emptyState, type ModelState, parseState, renderState } from './model-state.ts';

/** Keeps the model across restarts, whole in one file; with no path it keeps nothing. */
export class StateFile {
  readonly #path: string | null;
  #written = '';

  constructor(path: string | null) {
    this.#path = path;
  }

  /** What was written last; an empty state when there is no file. @throws {Error} when the file is something else. */
  read(): ModelState {
    if (this.#path === null || !existsSync(this.#path)) return emptyState();
    return parseState(readFileSync(this.#path, 'utf8'));
  }

  /** Writes beside and renames, so that a kill leaves the old file or the new one. */
  write(state: ModelState): void {
    if (this.#path === null) return;
    const text = renderState(state);
    if (text === this.#written) return;
    writeFileSync(`${this.#path}.new`, text);
    renameSync(`${this.#path}.new`, this.#path);
    this.#written = text;
  }
}
