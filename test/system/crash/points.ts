import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Voter } from '../../../coordinator/core/ballots.ts';
import type { LastDecision } from '../../../coordinator/core/records.ts';
import type { Incident } from '../../../coordinator/core/incident.ts';
import type { Replica } from '../../../coordinator/core/replica.ts';
import type { PublishedSnapshot } from '../../../coordinator/core/snapshot.ts';
import type { Commit, Write } from '../../../coordinator/ports.ts';

/** Where in a group's story the coordinator dies, and on which side of the write. */
export type CrashPoint = { readonly name: string; readonly side: 'before' | 'after' };

/** What the coordinator is told: the part of the story that begins now, and where it is to die; null: nowhere. */
export type Orders = { readonly group: string; readonly part: string; readonly die: CrashPoint | null };

/** What a group's coordinators wrote up to the first death, in order, and every point at which one died. */
export type CrashRecord = { readonly names: readonly string[]; readonly deaths: readonly CrashPoint[] };

/** The part of the story that a point is in. */
export function partOf({ name }: Pick<CrashPoint, 'name'>): string {
  return name.slice(0, name.indexOf(':'));
}

/** Whether it is a write of events alone: nothing is decided by them, and timing alone says which of them share a write. */
export function isOfEvents({ name }: CrashPoint): boolean {
  return name.includes(': event ');
}

type Line = { readonly name: string; readonly side: CrashPoint['side'] | null };

/** Names what a write changes by kind and state: no name, number or time that another run would not have, too. */
function describeWrite({ key, value }: Write): string {
  const [kind = ''] = key.split('/');
  if (value === null) return `${kind} dropped`;
  switch (kind) {
    case 'replica':
      return `replica ${describeReplica(value as Replica)}`;
    case 'incident':
      return `incident ${(value as Incident).state}`;
    case 'decision':
      return `decision ${(value as LastDecision).reason}`;
    case 'snapshot': {
      const { servers, leaving } = value as PublishedSnapshot;
      return `snapshot of ${servers.length} with ${leaving.length} leaving`;
    }
    case 'roster':
      return `roster with ${(value as Voter).absent.length} votes`;
    default:
      return kind;
  }
}

function describeReplica(replica: Replica): string {
  switch (replica.state) {
    case 'creating':
      return `creating${replica.askedAtMs === null ? '' : ' asked'}${operationOf(replica.operationName)}`;
    case 'gating':
      return `gating ${replica.samplesPassed}`;
    case 'serving':
      return 'serving';
    case 'draining':
      return `draining ${replica.unusedSamples}`;
    case 'deleting':
      return `deleting${operationOf(replica.operationName)}`;
  }
}

function operationOf(name: string | null): string {
  return name === null ? '' : ' accepted';
}

/** Null for a commit that is not about the group. */
function describeCommit({ writes, events = [] }: Commit, group: string): string | null {
  const isOurs = writes.some(({ key }) => key.split('/')[1] === group) || events.some((event) => event.group === group);
  if (!isOurs) return null;
  if (writes.length > 0) return writes.map(describeWrite).join(', ');
  return events.map(({ kind, reason }) => `event ${kind} ${reason}`).join(', ');
}

/** The coordinator's side: names its writes, keeps the list of them, and dies where it was told to. */
export class CrashScript {
  readonly #folder: string;
  #orders = '';
  #counts = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Carries out a commit, or dies before or after it. */
  async around<Result extends { readonly outcome: string }>(
    commit: Commit,
    carryOut: () => Promise<Result>,
  ): Promise<Result> {
    const orders = this.#read();
    const what = orders === null ? null : describeCommit(commit, orders.group);
    if (orders === null || what === null) return carryOut();
    const count = (this.#counts.get(what) ?? 0) + 1;
    const name = `${orders.part}: ${what}${count === 1 ? '' : ` (${count})`}`;
    if (isAt(orders, name, 'before')) this.#die(orders, { name, side: 'before' });
    const result = await carryOut();
    if (result.outcome !== 'committed') return result;
    this.#counts.set(what, count);
    if (isAt(orders, name, 'after')) this.#die(orders, { name, side: 'after' });
    this.#note(orders, { name, side: null });
    return result;
  }

  #read(): Orders | null {
    const file = path.join(this.#folder, 'orders.json');
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (text !== this.#orders) this.#counts = new Map();
    this.#orders = text;
    return text === '' ? null : (JSON.parse(text) as Orders);
  }

  #note({ group }: Orders, line: Line): void {
    appendFileSync(path.join(this.#folder, `${group}.log`), `${JSON.stringify(line)}\n`);
  }

  /** No handler runs and nothing is flushed: what is not in the store now never was. */
  #die(orders: Orders, line: Line): void {
    this.#note(orders, line);
    process.kill(process.pid, 'SIGKILL');
  }
}

function isAt({ die }: Orders, name: string, side: CrashPoint['side']): boolean {
  return die?.name === name && die.side === side;
}

/** The test's side of it. */
export class CrashDesk {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  order(orders: Orders): void {
    const file = path.join(this.#folder, 'orders.json');
    // The coordinator reads it at every write, and never half of it.
    writeFileSync(`${file}.new`, JSON.stringify(orders));
    renameSync(`${file}.new`, file);
  }

  /** What was written about the group so far. */
  read(group: string): CrashRecord {
    const file = path.join(this.#folder, `${group}.log`);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const lines = text.split('\n').slice(0, -1);
    const parsed = lines.map((line) => JSON.parse(line) as Line);
    const death = parsed.findIndex(({ side }) => side !== null);
    const alive = death < 0 ? parsed : parsed.slice(0, death + 1);
    const deaths = parsed.flatMap(({ name, side }) => (side === null ? [] : [{ name, side }]));
    return { names: alive.map(({ name }) => name), deaths };
  }
}
