import type { Clock } from '../../process/clock.ts';
import type { Credentials } from '../core/credentials.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import type { ProxySecrets, Stored } from '../ports.ts';

/** How long what was read counts: a rotated secret reaches the proxies within that time. */
const keepMs = 60_000;
/** One that is missing is asked for sooner. */
const retryMs = 10_000;

type Read = { readonly specRevision: number; readonly readAtMs: number; readonly credentials: Credentials };

/** Reads the secrets that groups name, again and again, and keeps what was read for a while. */
export class CredentialReader {
  readonly #deps: { readonly secrets: ProxySecrets; readonly clock: Clock };
  readonly #reads = new Map<string, Read>();

  constructor(deps: { readonly secrets: ProxySecrets; readonly clock: Clock }) {
    this.#deps = deps;
  }

  /** What the group's secrets hold, and after how many milliseconds to ask again; null for a group without secrets. */
  async read(spec: Stored<GroupSpec>): Promise<{ readonly credentials: Credentials; readonly againMs: number | null }> {
    const { name } = spec.value;
    const nowMs = this.#deps.clock.monotonicMs();
    const kept = this.#reads.get(name);
    const isFresh = kept?.specRevision === spec.revision && nowMs < dueMs(kept);
    const read = isFresh
      ? kept
      : { specRevision: spec.revision, readAtMs: nowMs, credentials: await this.#ask(spec.value) };
    this.#reads.set(name, read);
    const hasSecrets = read.credentials.passwordHashes.size > 0 || read.credentials.clientCertificate !== null;
    return { credentials: read.credentials, againMs: hasSecrets ? Math.max(1, dueMs(read) - nowMs) : null };
  }

  forget(group: string): void {
    this.#reads.delete(group);
  }

  async #ask({ users, clientCertificateSecret, clientKeySecret }: GroupSpec): Promise<Credentials> {
    const { secrets } = this.#deps;
    const names = [...new Set(users.map(({ passwordSecret }) => passwordSecret))];
    const hashes = await Promise.all(names.map((name) => secrets.readPasswordHash(name)));
    const clientCertificate =
      clientCertificateSecret === undefined || clientKeySecret === undefined
        ? null
        : await secrets.readClientCertificate(clientCertificateSecret, clientKeySecret);
    const passwordHashes = new Map(names.flatMap((name, index) => (hashes[index] ? [[name, hashes[index]]] : [])));
    return { passwordHashes, clientCertificate };
  }
}

function dueMs({ readAtMs, credentials }: Read): number {
  const readings = [...credentials.passwordHashes.values(), credentials.clientCertificate];
  return readAtMs + (readings.some((reading) => reading?.outcome === 'missing') ? retryMs : keepMs);
}
