import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CloudListing } from '../../../coordinator/core/cloud.ts';
import { keys } from '../../../coordinator/core/records.ts';
import { CoordinatorError } from '../../../coordinator/errors.ts';
import { ActionRunner } from '../../../coordinator/loops/action-runner.ts';
import { CloudView } from '../../../coordinator/loops/cloud-view.ts';
import { HoldBoard } from '../../../coordinator/loops/hold-board.ts';
import { Scaler } from '../../../coordinator/loops/scaler.ts';
import { TermKeeper } from '../../../coordinator/loops/term-keeper.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeCloudSql } from '../../fakes/fake-cloudsql.ts';
import { FakeMetrics } from '../../fakes/fake-metrics.ts';
import { FakeReplicaProbe } from '../../fakes/fake-replica-probe.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupSpec, install, scalingRecord } from '../builders.ts';

/** A cloud in which one project never answers. */
class HalfDeadCloudSql extends FakeCloudSql {
  readonly lists: string[] = [];

  override listInstances(project: string): Promise<CloudListing> {
    this.lists.push(project);
    return project === 'shop-dead-1' ? new Promise<never>(() => undefined) : super.listInstances(project);
  }
}

async function start(specs: readonly ReturnType<typeof groupSpec>[], desired = 1) {
  const [store, clock, metrics, cloudSql] = [
    new FakeStore(),
    new FakeClock(),
    new FakeMetrics(),
    new HalfDeadCloudSql('shop-prod-1'),
  ];
  const log = createLogger('test', 'silent');
  for (const spec of specs) {
    const writes = [
      { key: keys.group(spec.name), value: spec, ifRevision: 0 },
      { key: keys.scaling(spec.name), value: scalingRecord({ desired }), ifRevision: 0 },
    ];
    await store.commit({ writes });
    if (spec.project === 'shop-prod-1') cloudSql.addInstance(spec.primary);
  }
  const term = new TermKeeper({ store, clock, log }, 'c');
  await term.start();
  const shared = { store, clock, log, metrics, term };
  const cloud = new CloudView({ cloudSql, clock }, 100);
  const isRefusal = (error: unknown) => error instanceof CoordinatorError && !error.isRetryable;
  const runner = new ActionRunner({
    ...shared,
    cloudSql,
    cloud,
    isRefusal,
    probe: new FakeReplicaProbe(),
    board: new HoldBoard(),
  });
  const intervals = { pollIntervalMs: 1000, idleIntervalMs: 30_000, sampleIntervalMs: 500, mergeMs: 10 };
  let names = 0;
  const nextName = ({ primary }: { readonly primary: string }) => `${primary}-${(names += 1)}`;
  const deps = { ...shared, cloud, runner, nextName };
  const scaler = new Scaler(deps, { install, ...intervals });
  await scaler.start();
  return { clock, cloudSql, scaler };
}

const group = (name: string, project: string, index: number) =>
  groupSpec({ name, project, primary: `${name}-primary`, fleet: `fleet-${index}` });

describe('Scaler with many groups', () => {
  it('scales one project while the list of another hangs, however many groups wait for it', async () => {
    const dead = Array.from({ length: 40 }, (_, index) => group(`dead-${index}`, 'shop-dead-1', index));
    const { clock, cloudSql } = await start([...dead, group('orders', 'shop-prod-1', 99)]);
    for (let seconds = 0; seconds < 10; seconds += 1) await clock.advance(1000);
    assert.equal(cloudSql.effects.filter(({ call }) => call === 'createReplica').length, 1);
    assert.equal(
      cloudSql.lists.filter((project) => project === 'shop-dead-1').length <= 10,
      true,
      'one call is shared',
    );
  });

  it('lists a project once for all its groups at rest', async () => {
    const specs = Array.from({ length: 50 }, (_, index) => group(`g${index}`, 'shop-prod-1', index));
    const { clock, cloudSql } = await start(specs, 0);
    for (let seconds = 0; seconds < 60; seconds += 1) await clock.advance(1000);
    const before = cloudSql.lists.length;
    for (let seconds = 0; seconds < 300; seconds += 1) await clock.advance(1000);
    assert(cloudSql.lists.length - before <= 11, `${cloudSql.lists.length - before} lists in five minutes`);
  });
});
