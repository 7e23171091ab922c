import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { CloudListing } from '../core/cloud.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import {
  isSameTopology,
  judgePrimary,
  planWriterChange,
  type Topology,
  type WriterChange,
  type WriterOrder,
} from '../core/topology.ts';
import type { Store, Stored, Write } from '../ports.ts';
import type { ActionRunner } from './action-runner.ts';
import { commitDecision } from './commits.ts';
import type { TermKeeper } from './term-keeper.ts';

export type PrimaryKeeperDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly term: TermKeeper;
  readonly runner: ActionRunner;
};

/** Keeps what is stored of a group's primary true, and changes the writer when an operator orders it. */
export class PrimaryKeeper {
  readonly #deps: PrimaryKeeperDeps;

  constructor(deps: PrimaryKeeperDeps) {
    this.#deps = deps;
  }

  /** Whether the picture of the group is whole, so that it may be scaled. */
  async verify(spec: GroupSpec, listing: CloudListing, fencingToken: number): Promise<boolean> {
    const { store, runner } = this.#deps;
    const [stored, order] = await Promise.all([
      store.get(keys.topology(spec.name)),
      store.get(keys.writerOrder(spec.name)),
    ]);
    if (order !== null) return this.#changeWriter(spec, { stored, order, listing, fencingToken });
    const verdict = judgePrimary(spec, stored?.value ?? null, listing);
    if (verdict.kind === 'verified') {
      runner.clearAlarm(spec.name, spec.primary);
      return this.#store(spec, stored, { topology: verdict.topology, fencingToken });
    }
    const { reason, message } = verdict;
    if (verdict.kind === 'hold' && !verdict.isAlarm) {
      await runner.noteWait(spec.name, spec.primary, reason, message);
      return false;
    }
    await runner.noteAlarm(spec.name, spec.primary, reason, message);
    return verdict.kind === 'unready';
  }

  /** Bound to the scaling record: a group that was deleted meanwhile leaves no address for one of the same name. */
  async #store(
    { name }: GroupSpec,
    stored: Stored<Topology> | null,
    { topology, fencingToken }: { readonly topology: Topology; readonly fencingToken: number },
  ): Promise<boolean> {
    if (isSameTopology(topology, stored?.value ?? null)) return true;
    const scaling = await this.#deps.store.get(keys.scaling(name));
    if (scaling === null) return false;
    const writes: Write[] = [
      { key: keys.topology(name), value: topology, ifRevision: stored?.revision ?? 0 },
      { key: scaling.key, value: scaling.value, ifRevision: scaling.revision },
    ];
    return commitDecision(this.#deps, { writes }, fencingToken);
  }

  /** One step of an ordered change. Nothing is scaled before it is over. */
  async #changeWriter(spec: GroupSpec, { stored, order, listing, fencingToken }: Change): Promise<boolean> {
    const { store, runner } = this.#deps;
    const [snapshot, voters, freeze] = await Promise.all([
      store.get(keys.snapshot(spec.name)),
      store.list(prefixes.voters(spec.name)),
      store.get(keys.freeze(spec.name)),
    ]);
    const inHostgroup = (hostgroup: number) =>
      (snapshot?.value.servers ?? [])
        .filter((server) => server.hostgroup === hostgroup)
        .map(({ hostname }) => hostname);
    const step = planWriterChange({
      spec,
      order: order.value,
      stored: stored?.value ?? null,
      isFrozen: freeze !== null,
      listing,
      published:
        snapshot === null
          ? null
          : {
              writers: inHostgroup(spec.writerHostgroup),
              readers: inHostgroup(spec.readerHostgroup),
              leaving: snapshot.value.leaving,
            },
      voters: voters.map(({ value }) => value),
    });
    // What votes said before the store went back proves nothing: the new one waits until all were compared.
    const isNew = step.step === 'accept' && stored?.value.isWithheld === true;
    if (isNew && freeze !== null)
      await runner.noteWait(spec.name, order.value.instance, 'FROZEN', 'the store went back');
    else if (step.step === 'wait') await runner.noteAlarm(spec.name, order.value.instance, step.reason, step.message);
    else await this.#take(spec, step, { stored, order, fencingToken });
    return false;
  }

  async #take(
    spec: GroupSpec,
    step: Exclude<WriterChange, { step: 'wait' }>,
    { stored, order, fencingToken }: Omit<Change, 'listing'>,
  ): Promise<void> {
    const { name } = spec;
    const key = keys.topology(name);
    const ifRevision = stored?.revision ?? 0;
    const by = `by ${order.value.owner}: ${order.value.reason}`;
    if (step.step === 'withhold') {
      const value: Topology = { ...step.old, isWithheld: true, successor: step.successor };
      const message = `${step.old.primaryAddress} leaves the proxies before ${order.value.instance} comes, ${by}`;
      const writes = [{ key, value, ifRevision }];
      await this.#commit(spec, { reason: 'WRITER_WITHHELD', message }, writes, fencingToken);
      return;
    }
    const declared = await this.#deps.store.get(keys.group(name));
    if (declared === null) return;
    const value = { ...declared.value, primary: order.value.instance };
    const writes = [
      { key, value: step.topology, ifRevision },
      { key: declared.key, value, ifRevision: declared.revision },
      { key: order.key, value: null, ifRevision: order.revision },
    ];
    const message = `${order.value.instance} at ${step.topology.primaryAddress}, ${by}`;
    await this.#commit(spec, { reason: 'WRITER_CHANGED', message }, writes, fencingToken);
    this.#deps.runner.clearAlarm(name, order.value.instance);
  }

  async #commit(
    { name: group, primary: subject }: GroupSpec,
    { reason, message }: { readonly reason: string; readonly message: string },
    writes: readonly Write[],
    fencingToken: number,
  ): Promise<void> {
    const { clock, log } = this.#deps;
    log.warn({ group, reason, message }, 'writer');
    const event: NewEvent = { atMs: clock.nowMs(), group, kind: 'GROUP', subject, reason, message };
    await commitDecision(this.#deps, { writes, events: [event] }, fencingToken);
  }
}

type Change = {
  readonly stored: Stored<Topology> | null;
  readonly order: Stored<WriterOrder>;
  readonly listing: CloudListing;
  /** The term in which all that was read. */
  readonly fencingToken: number;
};
