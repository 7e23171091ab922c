import assert from 'node:assert/strict';
import { type AbsentVote, type Address, recordVotes, type Voter } from '../../../coordinator/core/ballots.ts';
import type { PublishedSnapshot } from '../../../coordinator/core/snapshot.ts';
import { voter } from '../builders.ts';

/** A proxy and its agent: what it routes to, and which snapshot it took. */
type Proxy = { readonly agentId: string; boot: number; revision: number; readonly rows: Set<string> };

/** Draws numbers in [0, 1) from a seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The proxies of a fleet in memory, and the roster of their votes. */
export class Proxies {
  readonly #below: (limit: number) => number;
  readonly #proxies: Proxy[] = [];
  readonly #voters = new Map<string, Voter>();

  constructor(below: (limit: number) => number) {
    this.#below = below;
  }

  get voters(): readonly Voter[] {
    return [...this.#voters.values()];
  }

  /** The agents whose proxies route to an address. */
  usersOf(hostname: string | null): string[] {
    return this.#proxies.filter(({ rows }) => hostname !== null && rows.has(hostname)).map(({ agentId }) => agentId);
  }

  /** An agent comes, up to three: it is on the roster before it gets anything. */
  join(): void {
    if (this.#proxies.length >= 3) return;
    const agentId = `agent-${this.#proxies.length}`;
    this.#voters.set(agentId, voter(agentId, { proxyBoot: '0' }));
    this.#proxies.push({ agentId, boot: 0, revision: 0, rows: new Set() });
  }

  /** A proxy restarts with the rows that it had; its votes are void. */
  restart(): void {
    const proxy = this.#any();
    proxy.boot += 1;
    this.#voters.set(proxy.agentId, { ...this.#voterOf(proxy), proxyBoot: String(proxy.boot), absent: [] });
  }

  /** An agent takes the newest snapshot, or deletes drained rows, or tells what is gone. */
  move(snapshot: PublishedSnapshot): void {
    const proxy = this.#any();
    const kind = this.#below(3);
    if (kind === 0) {
      proxy.revision = snapshot.revision;
      for (const { hostname } of snapshot.servers) proxy.rows.add(hostname);
      return;
    }
    // One that is behind does not know what leaves.
    if (proxy.revision !== snapshot.revision) return;
    if (kind === 1) for (const { hostname } of snapshot.leaving) proxy.rows.delete(hostname);
    this.#tell(proxy, snapshot);
  }

  #tell(proxy: Proxy, snapshot: PublishedSnapshot): void {
    const absent: AbsentVote[] = [];
    const removing: Address[] = [];
    for (const { hostname, port } of snapshot.leaving) {
      if (proxy.rows.has(hostname)) removing.push({ hostname, port });
      else absent.push({ hostname, port, revision: proxy.revision });
    }
    const report = { proxyBoot: String(proxy.boot), absent, removing };
    this.#voters.set(proxy.agentId, recordVotes(this.#voterOf(proxy), report, snapshot));
  }

  #any(): Proxy {
    const proxy = this.#proxies[this.#below(this.#proxies.length)];
    assert(proxy);
    return proxy;
  }

  #voterOf({ agentId }: Proxy): Voter {
    const found = this.#voters.get(agentId);
    assert(found);
    return found;
  }
}
