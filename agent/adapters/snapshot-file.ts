import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { type LastKnownGood, parseLastKnownGood, renderLastKnownGood } from '../core/last-known-good.ts';
import { AgentError } from '../errors.ts';
import type { SnapshotStore } from '../ports.ts';

/**
 * The last known good as one file, readable by its owner only. Replaced whole: temporary file, fsync, rename, fsync of
 * the folder; a crash at any moment leaves the old one or the new one.
 */
export class SnapshotFile implements SnapshotStore {
  readonly #folder: string;
  readonly #file: string;
  readonly #digest: (text: string) => string;

  constructor(folder: string, digest: (text: string) => string) {
    this.#folder = folder;
    this.#file = path.join(folder, 'last-known-good');
    this.#digest = digest;
  }

  async read(): Promise<{ readonly state: LastKnownGood | null; readonly problem: string | null }> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const text = await readFile(this.#file, 'utf8');
      const parsed = parseLastKnownGood(text, this.#digest);
      if ('state' in parsed) return { state: parsed.state, problem: null };
      const aside = `${this.#file}.corrupt`;
      await rename(this.#file, aside);
      return { state: null, problem: `${this.#file}: ${parsed.problem}; it is now ${aside}` };
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { state: null, problem: null };
      throw translate(error);
    }
  }

  async write(state: LastKnownGood): Promise<void> {
    const temporary = `${this.#file}.new`;
    try {
      // What a crash left would keep its permissions.
      await rm(temporary, { force: true });
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(renderLastKnownGood(state, this.#digest));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.#file);
      const folder = await open(this.#folder, 'r');
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    } catch (error) {
      throw translate(error);
    }
  }
}

function translate(error: unknown): AgentError {
  const reason = error instanceof Error ? error.message : String(error);
  return new AgentError('SNAPSHOT_FILE_FAILED', `last known good: ${reason}`, { cause: error });
}
