import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoordinatorError } from '../../../coordinator/errors.ts';
import { CloudPacer } from '../../../coordinator/loops/cloud-pacer.ts';
import { CloudView } from '../../../coordinator/loops/cloud-view.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeCloudSql } from '../../fakes/fake-cloudsql.ts';

class CountingCloudSql extends FakeCloudSql {
  lists = 0;

  override listInstances(project: string): ReturnType<FakeCloudSql['listInstances']> {
    this.lists += 1;
    return super.listInstances(project);
  }
}

function world(random = 0) {
  const clock = new FakeClock();
  const cloudSql = new CountingCloudSql('demo');
  cloudSql.addInstance('orders-primary');
  return { clock, cloudSql, pacer: new CloudPacer({ cloudSql, clock, random: () => random }) };
}

describe('CloudPacer', () => {
  const cases = [
    { name: 'the quota', code: 'CLOUDSQL_RATE_LIMITED', retryAfterMs: null, random: 0, pausesMs: [5000, 5000] },
    {
      name: 'the quota, with jitter',
      code: 'CLOUDSQL_RATE_LIMITED',
      retryAfterMs: null,
      random: 0.5,
      pausesMs: [7500, 10_000],
    },
    {
      name: 'what the quota asks for',
      code: 'CLOUDSQL_RATE_LIMITED',
      retryAfterMs: 42_000,
      random: 0,
      pausesMs: [42_000],
    },
    {
      name: 'a missing permission',
      code: 'CLOUDSQL_FORBIDDEN',
      retryAfterMs: null,
      random: 0,
      pausesMs: [60_000, 60_000],
    },
    {
      name: 'an outage, which reads try on',
      code: 'CLOUDSQL_UNAVAILABLE',
      retryAfterMs: null,
      random: 0,
      pausesMs: [0],
    },
  ] as const;
  for (const { name, code, retryAfterMs, random, pausesMs } of cases) {
    it(`leaves a project alone after ${name} for ${pausesMs.join(' then ')} ms`, async () => {
      const { clock, cloudSql, pacer } = world(random);
      for (const [round, pauseMs] of pausesMs.entries()) {
        cloudSql.nextError = new CoordinatorError(code, 'refused', { retryAfterMs });
        await assert.rejects(pacer.listInstances('demo'), { code });
        assert.equal(cloudSql.lists, round + 1);
        if (pauseMs === 0) continue;
        await clock.advance(pauseMs - 1);
        await assert.rejects(pacer.listInstances('demo'), { code }, 'the last refusal again');
        assert.equal(cloudSql.lists, round + 1, 'asked within the pause');
        await clock.advance(1);
      }
      await pacer.listInstances('demo');
      assert.equal(cloudSql.lists, pausesMs.length + 1);
    });
  }

  it('pauses neither another project nor another kind of call', async () => {
    const { cloudSql, pacer } = world();
    cloudSql.nextError = new CoordinatorError('CLOUDSQL_FORBIDDEN', 'refused');
    await assert.rejects(pacer.deleteInstance('demo', 'x'), { code: 'CLOUDSQL_FORBIDDEN' });
    await pacer.listInstances('demo');
    await pacer.readOperation('demo', 'op');
    cloudSql.nextError = new CoordinatorError('CLOUDSQL_RATE_LIMITED', 'refused');
    await assert.rejects(pacer.listInstances('demo'));
    await pacer.listInstances('other');
    await assert.rejects(pacer.listInstances('demo'));
  });

  it('lets creations that are not allowed be spaced by the plan', async () => {
    const { cloudSql, pacer } = world();
    const { shape } = cloudSql.instances.get('orders-primary')!;
    const request = { name: 'r1', project: 'demo', primary: 'orders-primary', labels: {}, shape, zone: null };
    cloudSql.nextError = new CoordinatorError('CLOUDSQL_FORBIDDEN', 'quota of instances');
    await assert.rejects(pacer.createReplica(request));
    assert.equal((await pacer.createReplica(request)).outcome, 'accepted');
  });
});

describe('CloudView', () => {
  it('shares one listing among all groups of a project while it is fresh', async () => {
    const { clock, cloudSql } = world();
    const view = new CloudView({ cloudSql, clock }, 1000);
    await Promise.all([view.listing('demo'), view.listing('demo'), view.listing('demo')]);
    assert.equal(cloudSql.lists, 1);
    assert.equal(view.ageMs('demo'), 0);
    await clock.advance(1000);
    await view.listing('demo');
    assert.equal(cloudSql.lists, 2);
  });

  it('lists a project sixty times in a minute at most, and says that the rest is incomplete', async () => {
    const { clock, cloudSql } = world();
    const view = new CloudView({ cloudSql, clock }, 2000);
    let incomplete = 0;
    for (let tenth = 0; tenth < 600; tenth += 1) {
      view.forget('demo');
      const { isComplete, instances } = await view.listing('demo');
      if (!isComplete) incomplete += 1;
      assert.equal(instances.length, 1);
      await clock.advance(100);
    }
    assert(cloudSql.lists <= 60, `${cloudSql.lists} lists`);
    assert.equal(incomplete, 600 - cloudSql.lists);
    await clock.advance(60_000);
    assert.equal((await view.listing('demo')).isComplete, true);
  });

  it('asks for operations only where the listing does not tell', async () => {
    const { clock, cloudSql } = world();
    const view = new CloudView({ cloudSql, clock }, 1000);
    const { shape } = cloudSql.instances.get('orders-primary')!;
    const request = { name: 'r1', project: 'demo', primary: 'orders-primary', labels: {}, shape, zone: null };
    const created = await cloudSql.createReplica(request);
    assert(created.outcome === 'accepted');
    const { operationName } = created;
    const identity = { group: 'g', project: 'demo', primary: 'orders-primary', createdAtMs: 0, sinceMs: 0, reason: '' };
    const record = {
      ...identity,
      name: 'r1',
      serverCa: null,
      state: 'creating',
      askedAtMs: null,
      operationName,
    } as const;
    const namesFor = async () => [...(await view.operations('demo', [record], await view.listing('demo'))).keys()];
    assert.deepEqual(await namesFor(), [], 'pending');
    view.forget('demo');
    cloudSql.finishOperations('QUOTA');
    assert.deepEqual(await namesFor(), [operationName], 'failed');
    view.forget('demo');
    cloudSql.instances.delete('r1');
    assert.deepEqual(await namesFor(), [operationName], 'not listed');
  });
});
