import { keyOf, type ServerRow } from '../../agent/core/rows.ts';
import type { LastKnownGood } from '../../agent/core/last-known-good.ts';
import type { AgentMessage, CoordinatorMessage } from '../../agent/core/messages.ts';
import { keys } from '../../coordinator/core/records.ts';
import type { PublishedSnapshot } from '../../coordinator/core/snapshot.ts';
import type { AgentDisk } from './agent-process.ts';
import type { OutsideWorld } from './outside-world.ts';
import type { Rules } from './rules.ts';
import type { SimInstance } from './sim-cloud.ts';
import type { SimProxy } from './sim-proxy.ts';

const loads: ReadonlySet<string> = new Set(['loadServers', 'publishServers']);

/** Holds the rules about proxies against what every call of an agent did to its proxy's tables. */
export class ProxyRules {
  readonly #world: OutsideWorld;
  readonly #rules: Rules;
  /** Instances that served on some proxy. */
  readonly #hasServed = new Set<string>();
  /** What each proxy's agent was told last. */
  readonly #told = new Map<string, Told>();

  constructor(world: OutsideWorld, rules: Rules) {
    this.#world = world;
    this.#rules = rules;
  }

  /** Takes note of what reaches the agent of a proxy. */
  heard(proxyId: string, message: CoordinatorMessage): void {
    if (message.kind !== 'update' || message.body.kind !== 'snapshot') return;
    const { group, revision, hash, body } = message;
    const atMs = this.#rules.publishedAtMs.get(`${group} ${revision} ${hash}`) ?? this.#world.nowMs();
    const serving = body.servers.filter(({ status }) => status === 'ONLINE');
    this.#told.set(proxyId, { atMs, addresses: new Set(serving.map(({ hostname }) => hostname)) });
  }

  /** Rule 2: who votes has kept on its disk that the server is gone. */
  said(proxyId: string, message: AgentMessage, disk: AgentDisk): void {
    const votes = message.kind === 'ack' ? [message] : message.kind === 'report' ? message.groups : [];
    for (const { group, absent } of votes) {
      if (absent.length === 0) continue;
      const kept = disk.state === null ? null : (JSON.parse(disk.state) as LastKnownGood);
      const body = kept?.groups.find(({ target }) => target.group === group)?.target.body;
      const serving = body?.kind === 'snapshot' ? body.servers : [];
      const back = absent.find(({ hostname }) => serving.some((server) => server.hostname === hostname));
      if (back !== undefined) {
        this.#rules.broken(2, `${proxyId} votes that ${back.hostname} is gone, and its disk would bring it back`);
      }
    }
  }

  /** Rules 4, 5, 11 and 12: what one of the agent's calls did to its proxy. */
  acted(proxy: SimProxy, name: string, before: ProxyTables): void {
    this.#checkForeign(proxy, name, before);
    if (!loads.has(name) || before.loads === proxy.loads) return;
    const isSeen = proxy.othersAtMs < proxy.lookedAtMs;
    const { writerHostgroup, readerHostgroup } = this.#world.spec();
    const runtime = [...proxy.runtime.values()];
    if (isSeen) {
      this.#checkReaders(proxy, before, readerHostgroup);
      this.#checkWriters(proxy, before, writerHostgroup);
    }
    for (const row of runtime) if (row.hostgroup === readerHostgroup) this.#checkGate(proxy, row, before);
    if (!before.isLate) this.#checkWithdrawn(proxy, before, readerHostgroup);
    this.#checkDrained(proxy, before);
  }

  /** Rule 2: a row goes when nobody uses it any more. */
  #checkDrained(proxy: SimProxy, before: ProxyTables): void {
    for (const [key, row] of before.runtime) {
      const isGone =
        row.status !== 'OFFLINE_HARD' && (proxy.runtime.get(key)?.status ?? 'OFFLINE_HARD') === 'OFFLINE_HARD';
      if (!isGone || proxy.editedKeys.has(key)) continue;
      this.#rules.atStake(2);
      const used = proxy.used.get(key) ?? 0;
      const isSeen = proxy.usedSinceMs.get(key) !== undefined && (proxy.usedSinceMs.get(key) ?? 0) < proxy.lookedAtMs;
      if (used > 0 && isSeen) this.#rules.broken(2, `${proxy.id}: ${key} is taken away from ${used} connections`);
    }
  }

  /** Rule 12: foreign rows stay, and what others prepare is not published before its grace. */
  #checkForeign(proxy: SimProxy, name: string, before: ProxyTables): void {
    if (proxy.foreignKeys.size > 0 && /^(?:replace|delete|load|publish)/.test(name)) this.#rules.atStake(12);
    for (const key of proxy.foreignKeys) {
      if (before.memory.get(key) !== proxy.memory.get(key))
        this.#rules.broken(12, `${proxy.id}: ${name} changed ${key}`);
    }
    if (loads.has(name) && before.loads !== proxy.loads) this.#checkPending(proxy, before);
  }

  #checkPending(proxy: SimProxy, before: ProxyTables): void {
    for (const [key, { row, sinceMs }] of before.pendingEdits) {
      const heldMs = this.#world.nowMs() - sinceMs;
      // To write what runs already, or what the newest snapshot asks for too, is nothing that has to wait.
      const isNews = !isSameButShunned(before.runtime.get(key), row) && !this.#isAsked(row);
      // What is written along with the LOAD takes its place first.
      const isStill = before.memory.get(key) === row && proxy.memory.get(key) === row;
      const isPublished = isNews && isStill && sinceMs < proxy.lookedAtMs;
      if (!isPublished || heldMs >= this.#world.foreignGraceMs) continue;
      const made = `what somebody made of ${key} ${Math.round(heldMs)} ms before`;
      this.#rules.broken(12, `${proxy.id}: a LOAD published ${made}`);
    }
  }

  /** Whether a person took out what the newest snapshot withdraws. */
  #isAsked(row: ServerRow): boolean {
    return row.status === 'OFFLINE_SOFT' && this.#isLeaving(row);
  }

  /**
   * A store that went back withdraws once more what it withdrew then, perhaps the address of another one by now. It is
   * back once it is known again; nothing is deleted before.
   */
  #isLeaving({ hostname }: ServerRow): boolean {
    const published = this.#rules.stored.get(keys.snapshot(this.#world.spec().name)) as PublishedSnapshot | undefined;
    return published?.leaving.some((server) => server.hostname === hostname) ?? false;
  }

  /** Rule 4. A server that was shunned a moment ago does not count. */
  #checkReaders(proxy: SimProxy, before: ProxyTables, readerHostgroup: number): void {
    const isReader = (row: ServerRow): boolean => row.hostgroup === readerHostgroup && canServe(row);
    const hadReader = [...before.runtime.values()].some(isReader);
    if (!hadReader) return;
    this.#rules.atStake(4);
    const readers = [...proxy.runtime.values()].filter(isReader);
    if (readers.every((row) => before.runtime.get(keyOf(row))?.status === 'SHUNNED')) {
      this.#rules.broken(4, `${proxy.id}: a LOAD of ours left hostgroup ${readerHostgroup} without a reader`);
    }
  }

  /** Rule 5: in one proxy, and over all of them unless an operator vouched for the old writer. */
  #checkWriters(proxy: SimProxy, before: ProxyTables, writerHostgroup: number): void {
    const writersIn = (rows: Iterable<ServerRow>): readonly ServerRow[] =>
      [...rows].filter((row) => row.hostgroup === writerHostgroup && isServing(row));
    const now = writersIn(proxy.runtime.values());
    this.#rules.atStake(5);
    if (now.length > 1 && now.length > writersIn(before.runtime.values()).length) {
      this.#rules.broken(5, `${proxy.id}: ${now.length} writers serve in hostgroup ${writerHostgroup}`);
    }
    const added = now.find((row) => !isServing(before.runtime.get(keyOf(row))));
    if (added === undefined || this.#world.isOldWriterGone()) return;
    for (const other of this.#world.proxies()) {
      const old = writersIn(other.runtime.values()).find(({ hostname }) => hostname !== added.hostname);
      if (old === undefined || other.othersAtMs >= other.lookedAtMs) continue;
      this.#rules.broken(5, `${added.hostname} writes in ${proxy.id}, while ${old.hostname} does in ${other.id}`);
    }
  }

  /** Rule 11: an owned row that begins to serve. */
  #checkGate(proxy: SimProxy, row: ServerRow, before: ProxyTables): void {
    const instance = this.#ownedAt(row.hostname);
    if (instance === null || row.status !== 'ONLINE' || isServing(before.runtime.get(keyOf(row)))) return;
    if (isOfEarlier(instance, before.runtimeSince.get(keyOf(row)))) return;
    this.#rules.atStake(11);
    this.#checkSamples(proxy, row, instance);
    if (proxy.othersAtMs >= proxy.lookedAtMs) return;
    const reachedAtMs = proxy.reachedAt.get(`${row.hostname}:${row.port}`) ?? -Infinity;
    const sinceMs = proxy.runtimeSince.get(keyOf(row)) ?? Infinity;
    if (reachedAtMs < sinceMs) {
      this.#rules.broken(11, `${proxy.id}: ${instance.name} serves, the monitor never reached it`);
    }
  }

  /**
   * Whether the newest that a proxy's agent was told is of before an instance had its address, and has that serve. Without
   * a coordinator it keeps to that, also on a proxy that was rebuilt: nobody can tell it that another one is there by now.
   */
  #isToldOfEarlier({ id }: SimProxy, { address, runsSinceMs }: SimInstance): boolean {
    const told = this.#told.get(id);
    return told !== undefined && told.atMs < runsSinceMs && told.addresses.has(address ?? '');
  }

  #checkSamples(proxy: SimProxy, { hostname }: ServerRow, instance: SimInstance): void {
    if (this.#isToldOfEarlier(proxy, instance) || this.#world.cloud.hidesThatAddressIsOf(instance)) return;
    const { name } = instance;
    const { samples } = this.#world.spec().gate;
    const passed = this.#rules.gates.get(hostname) ?? 0;
    if (passed < samples && !this.#hasServed.has(name)) {
      this.#rules.broken(11, `${proxy.id}: ${name} serves after ${passed} of ${samples} samples`);
    }
    this.#hasServed.add(name);
  }

  /** Rule 3: a healthy owned row leaves only when somebody asked for fewer. */
  #checkWithdrawn(proxy: SimProxy, before: ProxyTables, readerHostgroup: number): void {
    for (const [key, row] of before.runtime) {
      const isReader = row.hostgroup === readerHostgroup && row.status === 'ONLINE';
      if (!isReader || isServing(proxy.runtime.get(key)) || proxy.editedKeys.has(key)) continue;
      const instance = this.#ownedAt(row.hostname);
      if (instance === null || !this.#isToStay(instance, row)) continue;
      if (isOfEarlier(instance, before.runtimeSince.get(key))) continue;
      this.#rules.atStake(3);
      if (this.#world.fewerAskedAtMs() < this.#rules.decidedAtMs(instance)) {
        this.#rules.broken(3, `${proxy.id}: ${instance.name} is healthy, wanted, and taken out`);
      }
    }
  }

  #isToStay({ name, wasBroken, isTouched }: SimInstance, row: ServerRow): boolean {
    if (wasBroken || isTouched || this.#rules.isKeptOut(name)) return false;
    return !(this.#rules.wentBackLately && this.#isLeaving(row));
  }

  #ownedAt(address: string): SimInstance | null {
    const instance = this.#world.cloud.at(address);
    return instance?.isCreated === true ? instance : null;
  }
}

/** The newest snapshot that an agent has: since when there is one like it, and whom it has serve. */
type Told = { readonly atMs: number; readonly addresses: ReadonlySet<string> };

/** What a proxy's tables were before a call. */
export type ProxyTables = {
  readonly memory: ReadonlyMap<string, ServerRow>;
  readonly runtime: ReadonlyMap<string, ServerRow>;
  readonly runtimeSince: ReadonlyMap<string, number>;
  readonly loads: number;
  readonly pendingEdits: SimProxy['pendingEdits'];
  /** The call is carried out although its caller gave it up: the next look repairs what it does. */
  readonly isLate: boolean;
};

/** A row from before an instance stood at its address means another one there, which a person deleted. */
function isOfEarlier({ runsSinceMs }: SimInstance, rowSinceMs: number | undefined): boolean {
  return rowSinceMs !== undefined && rowSinceMs < runsSinceMs;
}

function isSameButShunned(runtime: ServerRow | undefined, row: ServerRow): boolean {
  const status = runtime?.status === 'SHUNNED' ? 'ONLINE' : runtime?.status;
  return JSON.stringify({ ...runtime, status }) === JSON.stringify(row);
}

function canServe(row: ServerRow): boolean {
  return row.status === 'ONLINE' && row.weight > 0 && row.maxConnections > 0;
}

function isServing(row: ServerRow | undefined): boolean {
  return row?.status === 'ONLINE' || row?.status === 'SHUNNED';
}
