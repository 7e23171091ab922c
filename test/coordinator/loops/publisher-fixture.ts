import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Published } from '../../../coordinator/core/fleet-settings.ts';
import type { GroupSpec } from '../../../coordinator/core/group-spec.ts';
import { keys } from '../../../coordinator/core/records.ts';
import type { PublishedSnapshot } from '../../../coordinator/core/snapshot.ts';
import { HoldBoard } from '../../../coordinator/loops/hold-board.ts';
import { Publisher } from '../../../coordinator/loops/publisher.ts';
import { TermKeeper } from '../../../coordinator/loops/term-keeper.ts';
import type { Commit, CommitResult } from '../../../coordinator/ports.ts';
import { contentHash } from '../../../process/content-hash.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeProxySecrets } from '../../fakes/fake-proxy-secrets.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupSpec, replica } from '../builders.ts';

/** A store that lets a test act right before a commit. */
class InterruptedStore extends FakeStore {
  beforeCommit: (() => Promise<void>) | null = null;

  override async commit(commit: Commit): Promise<CommitResult> {
    const act = this.beforeCommit;
    this.beforeCommit = null;
    await act?.();
    return super.commit(commit);
  }
}

/** A publisher on a store in memory, and what it hands out. */
export async function setUpPublisher(store = new InterruptedStore()) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const write = (line: Buffer, _encoding: string, done: () => void) => {
    lines.push(String(line));
    done();
  };
  const log = pino({ level: 'debug' }, new Writable({ write }));
  const term = new TermKeeper({ store, clock, log }, 'c1');
  await term.start();
  const offered: PublishedSnapshot[] = [];
  const wasStored: boolean[] = [];
  const offer = (snapshot: Published): void => {
    assert(snapshot.kind !== 'fleet');
    offered.push(snapshot);
    void store
      .get(keys.snapshot(snapshot.group))
      .then((stored) => wasStored.push(stored?.value.revision === snapshot.revision));
  };
  const secrets = new FakeProxySecrets();
  const board = new HoldBoard();
  const publishing = {
    store,
    clock,
    log,
    term,
    hash: contentHash,
    fanout: { offer, revisionOf: () => 0, recompare: () => undefined },
  };
  const publisher = new Publisher({ ...publishing, secrets, board });
  const put = (spec: GroupSpec = groupSpec()) =>
    store.commit({
      writes: [
        { key: keys.group(spec.name), value: spec, ifRevision: null },
        { key: keys.topology(spec.name), value: { primaryAddress: '10.0.1.1', serverCa: null }, ifRevision: null },
      ],
    });
  const serve = (name: string) =>
    store.commit({ writes: [{ key: keys.replica('orders', name), value: replica.serving(name), ifRevision: null }] });
  const freeze = (aboveRevision: number, isListed: boolean) => {
    const value = { group: 'orders', aboveRevision, sinceMs: 1, reason: 'it went back', isListed };
    return store.commit({ writes: [{ key: keys.freeze('orders'), value, ifRevision: null }] });
  };
  const revisions = () => offered.map(({ revision }) => revision);
  const logged = () => lines;
  return {
    store,
    clock,
    log,
    term,
    publisher,
    secrets,
    board,
    offered,
    wasStored,
    put,
    serve,
    freeze,
    revisions,
    logged,
  };
}
