import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { StreamWarmth } from '../../../coordinator/api/warmth.ts';
import type { AgentStream } from '../../../coordinator/api/agent-stream.ts';
import { GroupAdmin } from '../../../coordinator/api/group-admin.ts';
import { ScalingAdmin } from '../../../coordinator/api/scaling-admin.ts';
import { readScaling } from '../../../coordinator/api/scaling-view.ts';
import { readSpec, renderSpec } from '../../../coordinator/api/spec-wire.ts';
import { decideScaling } from '../../../coordinator/core/autoscaler.ts';
import { keys } from '../../../coordinator/core/records.ts';
import { scalingReasons } from '../../../coordinator/core/scaling-reasons.ts';
import { contentHash } from '../../../process/content-hash.ts';
import type { GroupSpec__Output } from '../../../proto/gen/chester/v1/GroupSpec.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupInput, groupSpec, incident, published, scalingRecord } from '../builders.ts';

let store: FakeStore;
let clock: FakeClock;
let groups: GroupAdmin;
let admin: ScalingAdmin;
const by = { group: 'orders', owner: 'ann', reason: 'sale' };

beforeEach(async () => {
  store = new FakeStore();
  clock = new FakeClock();
  groups = new GroupAdmin({ store, clock, hash: contentHash });
  admin = new ScalingAdmin({ store, clock });
  assert((await groups.putFleet({ name: 'main' })).ok);
  await put({ replicasMin: 1, replicasMax: 4 });
});

const put = (policy: object) => groups.putGroup({ ...groupInput, policy }, 0);
const view = () => readScaling({ store, clock }, 'orders');

async function events(): Promise<string[]> {
  const stored = await store.readEvents({ afterSequence: 0, limit: 100, group: 'orders' });
  return stored.slice(1).map(({ kind, reason, message }) => `${kind} ${reason} ${message}`);
}

async function refusal(answer: Promise<{ readonly ok: boolean }>): Promise<string> {
  const result = (await answer) as { readonly ok: boolean; readonly code?: string; readonly message?: string };
  assert(!result.ok);
  return `${result.code ?? ''} ${result.message ?? ''}`;
}

describe('ScalingAdmin, pauses', () => {
  it('pauses and resumes each direction by itself, with owner, reason and expiry', async () => {
    const nowMs = clock.nowMs();
    assert((await admin.pause({ ...by, direction: 'in', seconds: 60 })).ok);
    assert((await admin.pause({ ...by, owner: 'bob', direction: 'both', seconds: null })).ok);
    const pause = { owner: 'bob', reason: 'sale', sinceMs: nowMs, untilMs: 0 };
    assert.deepEqual([(await view()).scaleOutPause, (await view()).scaleInPause], [pause, pause]);
    assert((await admin.resume({ ...by, direction: 'out' })).ok);
    assert.deepEqual([(await view()).scaleOutPause, (await view()).scaleInPause], [null, pause]);
    assert((await admin.resume({ ...by, reason: '', direction: 'both' })).ok);
    assert.equal(await store.get(keys.pauses('orders')), null);
    assert.deepEqual(await events(), [
      `GROUP PAUSED in by ann until ${new Date(nowMs + 60_000).toISOString()}: sale`,
      'GROUP PAUSED both by bob: sale',
      'GROUP RESUMED out by ann: sale',
      'GROUP RESUMED both by ann',
    ]);
  });

  it('says nothing twice, and shows no pause whose time is over', async () => {
    assert((await admin.resume({ ...by, direction: 'both' })).ok);
    assert.deepEqual(await events(), []);
    await admin.pause({ ...by, direction: 'out', seconds: 1 });
    await clock.advance(1000);
    assert.equal((await view()).scaleOutPause, null);
  });

  const bad: readonly (readonly [Partial<Parameters<ScalingAdmin['pause']>[0]>, RegExp])[] = [
    [{ direction: 'up' }, /^INVALID direction is "up"; allowed: out, in, both$/],
    [{ owner: '' }, /^INVALID owner is ""; allowed: who orders it/],
    [{ reason: ' ' }, /^INVALID reason is " "; allowed: why/],
    [{ reason: 'x'.repeat(201) }, /allowed: why, 1 to 200 characters/],
    [{ seconds: 0 }, /^INVALID durationSeconds is 0; allowed: a whole number from 1 to 604800$/],
    [{ seconds: 604_801 }, /durationSeconds is 604801/],
    [{ group: 'nope' }, /^NOT_FOUND group "nope" is not declared$/],
  ];
  for (const [change, says] of bad) {
    it(`refuses ${JSON.stringify(change).slice(0, 40)}`, async () => {
      assert.match(await refusal(admin.pause({ ...by, direction: 'in', seconds: null, ...change })), says);
      assert.equal(await store.get(keys.pauses('orders')), null);
    });
  }
});

describe('ScalingAdmin, counts', () => {
  it('sets a count once', async () => {
    assert((await admin.scale({ ...by, replicas: 3, holdSeconds: null })).ok);
    const { desired, desiredReason, scaleOverride } = await view();
    assert.deepEqual([desired, desiredReason, scaleOverride], [3, 'MANUAL sale', null]);
    assert.equal((await store.get(keys.scaling('orders')))?.value.scaledOutAtMs, clock.nowMs());
    assert.deepEqual(await events(), ['SCALING_DECISION MANUAL 1 → 3 by ann: sale']);
  });

  it('holds a count until its time is over, or it is released, or another is set', async () => {
    const hold = () => admin.scale({ ...by, replicas: 2, holdSeconds: 60 });
    const order = { owner: 'ann', reason: 'sale', sinceMs: clock.nowMs(), untilMs: clock.nowMs() + 60_000 };
    assert((await hold()).ok);
    assert.deepEqual((await view()).scaleOverride, { replicas: 2, order });
    assert((await admin.release(by)).ok);
    assert.deepEqual([(await view()).scaleOverride, (await view()).desired], [null, 2]);
    await hold();
    assert((await admin.scale({ ...by, replicas: 3, holdSeconds: null })).ok);
    assert.equal(await store.get(keys.override('orders')), null);
    await hold();
    await clock.advance(60_000);
    assert.equal((await view()).scaleOverride, null);
    assert.equal((await events())[1], 'GROUP SCALE_RELEASED no longer held at 2 by ann: sale');
  });

  it('keeps to the bounds in force, those of a schedule too', async () => {
    const always = { name: 'always', cron: '* * * * *', durationSeconds: 3600 };
    await put({ replicasMin: 1, replicasMax: 4, schedules: [{ ...always, replicasMin: 5, replicasMax: 8 }] });
    assert((await admin.scale({ ...by, replicas: 6, holdSeconds: 60 })).ok);
    assert.equal(
      await refusal(admin.scale({ ...by, replicas: 4, holdSeconds: null })),
      "INVALID replicas is 4; allowed: a whole number from 5 to 8, the group's min and max (schedule always)",
    );
  });

  it('keeps no endless texts', async () => {
    const long = { ...by, reason: 'x'.repeat(201) };
    const refusals = [
      admin.scale({ ...long, replicas: 2, holdSeconds: null }),
      admin.release(long),
      admin.resume({ ...long, direction: 'in' }),
    ];
    for (const answer of refusals)
      assert.match(await refusal(answer), /^INVALID reason is "x+"; allowed: why, 1 to 200/);
  });

  it('asks who holds a count, why and for how long', async () => {
    const held = { ...by, replicas: 2, holdSeconds: 60 };
    assert.match(await refusal(admin.scale({ ...held, owner: '' })), /^INVALID owner is ""/);
    assert.match(await refusal(admin.scale({ ...held, reason: '' })), /^INVALID reason is ""/);
    assert.match(await refusal(admin.scale({ ...held, holdSeconds: -1 })), /^INVALID holdSeconds is -1/);
    assert.equal(await store.get(keys.override('orders')), null);
  });

  it('tries again when the group was being scaled, and leaves no order for a group of the same name', async () => {
    const commit = store.commit.bind(store);
    let races = 1;
    store.commit = async (request) => {
      if (races === 0) return commit(request);
      races -= 1;
      const value = scalingRecord({ desired: 4 });
      await commit({ writes: [{ key: keys.scaling('orders'), value, ifRevision: null }] });
      return commit(request);
    };
    assert((await admin.pause({ ...by, direction: 'in', seconds: null })).ok);
    assert.equal((await view()).desired, 4, 'what was decided meanwhile stays');
    assert((await groups.deleteGroup('orders')).ok);
    assert.equal(await store.get(keys.pauses('orders')), null);
    assert.match(await refusal(admin.pause({ ...by, direction: 'in', seconds: null })), /^NOT_FOUND/);
  });
});

describe('readScaling', () => {
  it('shows the last decision with its meaning and its inputs', async () => {
    const open = incident({ id: 'i', openedAtMs: clock.nowMs(), lastSeenAtMs: clock.nowMs() });
    const scaling = scalingRecord({ desired: 1 });
    const { policy } = groupSpec({ policy: { dryRun: true } });
    const seen = { policy, scaling, incidents: [open], replicas: [], lag: { lagging: 0, primaryIsCause: false } };
    const decision = decideScaling(seen, clock.nowMs());
    const write = { key: keys.decision('orders'), value: { ...decision, atMs: 7 }, ifRevision: null };
    await store.commit({ writes: [write] });
    const { scalingDecision, decision: summary } = await view();
    assert.equal(summary, 'OPERATION_IN_PROGRESS by incident i');
    assert.deepEqual(scalingDecision, {
      desired: 1,
      reason: 'OPERATION_IN_PROGRESS',
      meaning: scalingReasons.OPERATION_IN_PROGRESS,
      incidentId: 'i',
      untilMs: 0,
      atMs: 7,
      would: null,
      inputs: {
        replicasMin: 0,
        replicasMax: 3,
        schedules: [],
        scaleOutIncidents: 1,
        scaleInIncidents: 0,
        expiredIncidents: 0,
        serving: 0,
        coming: 0,
        leaving: 0,
        warming: 0,
        lagging: 0,
      },
    });
  });
});

describe('GroupAdmin, a policy', () => {
  const window = { cron: '0 8 * * 1-5', durationSeconds: 3600, timeZone: 'Europe/Paris' };
  const policy = {
    replicasMin: 1,
    replicasMax: 4,
    dryRun: true,
    scaleInWindows: [window],
    schedules: [{ name: 'noon', ...window, replicasMin: 2 }],
    connectionBudget: { proxies: 4, replicaMaxConnections: 4000, reserve: 20 },
  };

  it('comes back from the wire as it was declared', async () => {
    const result = await put(policy);
    assert(result.ok);
    const wire = renderSpec(result.value.value) as GroupSpec__Output;
    assert.deepEqual(readSpec({ ...wire, staticReaders: [] }), { ...result.value.value, staticReaders: [] });
  });

  const bad: readonly (readonly [change: object, says: string])[] = [
    [{ replicasMin: 5 }, 'policy.replicasMin is 5; allowed: at most replicasMax'],
    [{ scaleInCooldownSeconds: -1 }, 'policy.scaleInCooldownSeconds is -1; allowed: at least 0'],
    [
      { scaleInWindows: [{ ...window, timeZone: 'Mars/Phobos' }] },
      'policy.scaleInWindows.0.timeZone is "Mars/Phobos"; allowed: the name of an IANA time zone, for example Europe/Paris or UTC',
    ],
    [
      { schedules: [{ name: 'noon', ...window, cron: '61 8 * * *', replicasMin: 2 }] },
      'policy.schedules.0.cron is "61 8 * * *"; allowed: a cron expression of five fields (minute, hour, day, month, weekday) that comes to pass, for example 0 8 * * 1-5',
    ],
    [
      { scaleInWindows: [{ ...window, durationSeconds: 0 }] },
      'policy.scaleInWindows.0.durationSeconds is 0; allowed: at least 60',
    ],
    [{ pause: 'in' }, 'policy.pause is "in"; allowed: no such field'],
    [
      { connectionBudget: { ...policy.connectionBudget, proxies: 40 } },
      'policy.connectionBudget.proxies is 40; allowed: at most 39: proxies × serverDefaults.maxConnections (100) at most replicaMaxConnections − reserve (3980)',
    ],
  ];
  for (const [change, says] of bad) {
    it(`refuses ${says.split(';', 1)[0] ?? ''} and keeps the old policy`, async () => {
      assert((await put(policy)).ok);
      const before = await store.get(keys.group('orders'));
      assert.equal(await refusal(put({ ...policy, ...change })), `INVALID ${says}`);
      assert.deepEqual(await store.get(keys.group('orders')), before);
    });
  }
});

describe('StreamWarmth', () => {
  const server = (hostname: string) => ({ hostname }) as ReturnType<typeof published>['servers'][number];
  const snapshot = published({ servers: [server('a'), server('b')] });
  const agent = (runs: boolean, warming: readonly string[] = [], change: object = {}) =>
    ({
      identity: { fleet: 'main' },
      refusal: null,
      runs: () => runs,
      reports: { group: () => ({ warming: warming.map((hostname) => ({ hostname })) }) },
      ...change,
    }) as unknown as AgentStream;
  const cases: readonly (readonly [what: string, agents: readonly AgentStream[], warming: readonly string[]])[] = [
    ['no agent', [], []],
    ['all run it', [agent(true), agent(true)], []],
    ['none runs it', [agent(false)], ['a', 'b']],
    ['half of them warm up', [agent(true, ['a']), agent(true)], []],
    ['most of them warm up', [agent(true, ['a']), agent(false), agent(true)], ['a']],
    ['those of another fleet', [agent(false, [], { identity: { fleet: 'other' } })], []],
    ['those that keep off their proxy', [agent(false, [], { refusal: { code: 'X', message: '' } })], []],
  ];
  for (const [what, agents, warming] of cases) {
    it(`${what}: ${warming.length === 0 ? 'none' : warming.join(', ')}`, () => {
      assert.deepEqual(new StreamWarmth(() => agents).warming(snapshot), warming);
    });
  }
});
