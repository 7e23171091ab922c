import { createHash } from 'node:crypto';

import type { Clock } from '../../process/clock.ts';
import type { SqlRow } from './admin-database.ts';
import { hasServersV2, type ProxySqlVersion } from './versions.ts';

const checksumNames = [
  'admin_variables',
  'mysql_query_rules',
  'mysql_servers',
  'mysql_users',
  'mysql_variables',
  'proxysql_servers',
  'mysql_servers_v2',
] as const;
export type ChecksumName = (typeof checksumNames)[number];

const emptyChecksum = '0x0000000000000000';

type Entry = { readonly version: number; readonly epochSeconds: number; readonly checksum: string };

/**
 * What `runtime_checksums_values` shows: a module's version moves with every LOAD, its checksum only with its content.
 * The hash is not ProxySQL's; only equality has a meaning.
 */
export class Checksums {
  readonly #entries = new Map<ChecksumName, Entry>();
  readonly #clock: Clock;
  readonly #names: readonly ChecksumName[];

  constructor(clock: Clock, version: ProxySqlVersion) {
    this.#clock = clock;
    this.#names = checksumNames.filter((name) => name !== 'mysql_servers_v2' || hasServersV2(version));
  }

  /** Notes that `name` was loaded with this content. */
  publish(name: ChecksumName, tables: readonly (readonly SqlRow[])[]): void {
    const version = (this.#entries.get(name)?.version ?? 0) + 1;
    const epochSeconds = Math.floor(this.#clock.nowMs() / 1000);
    this.#entries.set(name, { version, epochSeconds, checksum: publishedChecksum(tables) });
  }

  /** Notes that what runs was changed without a LOAD. */
  amend(name: ChecksumName, tables: readonly (readonly SqlRow[])[]): void {
    const entry = this.#entries.get(name);
    if (entry !== undefined) this.#entries.set(name, { ...entry, checksum: publishedChecksum(tables) });
  }

  rows(): SqlRow[] {
    return this.#names.map((name) => {
      const entry = this.#entries.get(name);
      return [name, entry?.version ?? 0, entry?.epochSeconds ?? 0, entry?.checksum ?? ''];
    });
  }

  /** One number over all modules' versions and checksums, as decimal text (it is above 2^53). */
  globalChecksum(): string {
    return BigInt(hash(contentText([this.rows()]))).toString();
  }
}

/** The answer of `CHECKSUM MEMORY ...`: equal rows, equal text. Unlike the published ones it is not padded. */
export function tableChecksum(rows: readonly SqlRow[]): string {
  return rows.length === 0 ? '0x00' : hash(contentText([rows]));
}

function publishedChecksum(tables: readonly (readonly SqlRow[])[]): string {
  return tables.every((rows) => rows.length === 0) ? emptyChecksum : hash(contentText(tables));
}

function contentText(tables: readonly (readonly SqlRow[])[]): string {
  return JSON.stringify(
    tables.map((rows) => rows.map((row) => row.map((value) => (value === null ? null : String(value))))),
  );
}

function hash(text: string): string {
  return `0x${createHash('sha256').update(text).digest('hex').slice(0, 16).toUpperCase()}`;
}
