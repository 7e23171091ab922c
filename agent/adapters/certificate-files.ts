import { chmod, chown, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { CertificateFile } from '../core/tls-params.ts';
import { AgentError } from '../errors.ts';
import type { CertificateFiles } from '../ports.ts';

export type CertificateFolderOptions = {
  /** The folder, under the same path for ProxySQL; `null`: there is none. */
  readonly folder: string | null;
  /** Name or number of the group that may read keys, ProxySQL's; `null`: this process's. */
  readonly group: string | null;
};

/** ProxySQL runs as another user: it may read everything, and only its group a key. */
const modes: Readonly<Record<CertificateFile['kind'], number>> = { ca: 0o644, cert: 0o644, key: 0o640 };

/**
 * Certificates as files of a folder that agent and ProxySQL share. A file appears whole or not at all (temporary file,
 * fsync, rename, fsync of the folder), and never changes what it holds: another content has another name.
 */
export class CertificateFolder implements CertificateFiles {
  readonly folder: string | null;
  readonly #group: string | null;

  constructor({ folder, group }: CertificateFolderOptions) {
    this.folder = folder;
    this.#group = group;
  }

  async write(files: readonly CertificateFile[]): Promise<void> {
    if (files.length === 0) return;
    const folder = this.#folder();
    await attempt(folder, async () => {
      await mkdir(folder, { recursive: true, mode: 0o755 });
    });
    const groupId = await this.#groupId();
    for (const file of files) {
      const target = path.join(folder, file.name);
      await attempt(target, () => writeOnce(target, file, groupId));
    }
    await attempt(folder, () => syncFolder(folder));
  }

  async list(): Promise<readonly string[]> {
    const { folder } = this;
    if (folder === null) return [];
    return attempt(folder, async () => {
      try {
        return await readdir(folder);
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    });
  }

  async remove(names: readonly string[]): Promise<void> {
    const folder = this.#folder();
    for (const name of names) {
      const target = path.join(folder, name);
      await attempt(target, () => rm(target, { force: true }));
    }
  }

  #folder(): string {
    if (this.folder === null) throw new AgentError('TLS_FILE_FAILED', 'no folder for certificates is configured');
    return this.folder;
  }

  /** Looked up by name each time: the file is short, and who mounts it may change it. */
  async #groupId(): Promise<number | null> {
    const group = this.#group;
    if (group === null || /^\d+$/.test(group)) return group === null ? null : Number(group);
    const groupsFile = '/etc/group';
    const text = await attempt(groupsFile, () => readFile(groupsFile, 'utf8'));
    const fields = text.split('\n').map((line) => line.split(':'));
    const id = fields.find(([name]) => name === group)?.[2];
    if (id === undefined) throw new AgentError('TLS_FILE_FAILED', `${groupsFile} has no group ${group}`);
    return Number(id);
  }
}

async function writeOnce(target: string, { kind, pem }: CertificateFile, groupId: number | null): Promise<void> {
  if ((await readText(target)) === pem) {
    await giveAccess(target, kind, groupId);
    return;
  }
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.new`);
  // What a crash left would keep its permissions.
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(pem);
    await file.sync();
  } finally {
    await file.close();
  }
  await giveAccess(temporary, kind, groupId);
  await rename(temporary, target);
}

/** The owner first: afterwards the mode would let the wrong group in. */
async function giveAccess(file: string, kind: CertificateFile['kind'], groupId: number | null): Promise<void> {
  if (kind === 'key' && groupId !== null) await chown(file, -1, groupId);
  await chmod(file, modes[kind]);
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function attempt<Result>(file: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AgentError('TLS_FILE_FAILED', `certificate file ${file}: ${reason}`, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
