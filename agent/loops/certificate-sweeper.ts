import type { Logger } from '../../process/log.ts';
import type { TableView } from '../core/table.ts';
import { type CertificateFile, listUnusedFiles } from '../core/tls-params.ts';
import { AgentError } from '../errors.ts';
import type { CertificateFiles } from '../ports.ts';

export type CertificateSweeperDeps = { readonly files: CertificateFiles; readonly log: Logger };

/** Removes certificates and keys that no row refers to any more. Looks at the folder only after rows have changed. */
export class CertificateSweeper {
  readonly #deps: CertificateSweeperDeps;
  /** The rows that the folder was compared with. */
  #swept: string | null = null;

  constructor(deps: CertificateSweeperDeps) {
    this.#deps = deps;
  }

  /**
   * To be called when memory and runtime are as wanted. What cannot be removed is tried again the next time.
   *
   * @param view The rows of mysql_servers_ssl_params.
   */
  async sweep(view: TableView, wanted: readonly CertificateFile[]): Promise<void> {
    const { files, log } = this.#deps;
    const rows = JSON.stringify([view, wanted.map(({ name }) => name)]);
    if (files.folder === null || rows === this.#swept) return;
    try {
      const unused = listUnusedFiles(await files.list(), view, wanted);
      if (unused.length > 0) {
        await files.remove(unused);
        log.info({ files: unused }, 'certificates removed that nothing refers to');
      }
      this.#swept = rows;
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      log.warn({ reason: error.message }, 'certificates could not be removed');
    }
  }
}
