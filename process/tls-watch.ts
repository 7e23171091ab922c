import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';
import { isSameMaterial, readTlsFiles, type TlsFiles, type TlsMaterial } from './tls-files.ts';

/** Short enough for certificates that live an hour, and little work: three small files. */
const intervalMs = 2000;

/**
 * Keeps reading TLS files, and says when what they hold has changed. What cannot be used is told once and changes
 * nothing: the last good material stays.
 */
export class TlsWatch {
  readonly name = 'tls-files';
  readonly #files: TlsFiles;
  readonly #deps: { readonly clock: Clock; readonly log: Logger };
  readonly #listeners = new Set<(material: TlsMaterial) => void>();
  #material: TlsMaterial | null = null;
  #fault = '';
  #cancelTimer: (() => void) | null = null;
  #isStopped = false;

  constructor(files: TlsFiles, deps: { readonly clock: Clock; readonly log: Logger }) {
    this.#files = files;
    this.#deps = deps;
  }

  /** The last good material. @throws {Error} before `start`. */
  get material(): TlsMaterial {
    if (this.#material === null) throw new Error('TLS files were not read yet');
    return this.#material;
  }

  /** Whether authorities of other sides' certificates are among the files. */
  get hasCa(): boolean {
    return this.#files.caFile !== null;
  }

  /** Reads for the first time. @throws {Error} when the files cannot be used: nothing may start without them. */
  async start(): Promise<void> {
    this.#material = await readTlsFiles(this.#files);
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  /** Calls `onChange` with every later material. */
  onChange(onChange: (material: TlsMaterial) => void): () => void {
    this.#listeners.add(onChange);
    return () => this.#listeners.delete(onChange);
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#cancelTimer = this.#deps.clock.setTimer(intervalMs, () => {
      void this.#look().finally(() => {
        this.#schedule();
      });
    });
  }

  async #look(): Promise<void> {
    try {
      const material = await readTlsFiles(this.#files);
      this.#fault = '';
      if (this.#material !== null && isSameMaterial(material, this.#material)) return;
      this.#material = material;
      this.#deps.log.info({ files: this.#files }, 'certificates were exchanged');
      for (const listener of this.#listeners) listener(material);
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      if (fault === this.#fault) return;
      this.#fault = fault;
      this.#deps.log.error({ fault }, 'certificates cannot be used, the last good ones stay');
    }
  }
}
