import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Registry } from 'prom-client';
import { createCertificateGauge, createGroupGauges } from '../../../coordinator/adapters/group-metrics.ts';
import { createCoordinatorMetrics } from '../../../coordinator/adapters/metrics.ts';
import { keys } from '../../../coordinator/core/records.ts';
import { GroupMonitor } from '../../../coordinator/loops/group-monitor.ts';
import type { AgentsView, Hold } from '../../../coordinator/ports.ts';
import { systemClock } from '../../../process/clock.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupSpec } from '../builders.ts';

type Agent = AgentsView['connected'][number];

const agent = (state: string, revision: number | null, code: string | null = null): Agent => ({
  identity: { fleet: groupSpec().fleet },
  refusal: null,
  subscription: () => ({
    applied: revision === null ? null : { revision },
    state,
    error: code === null ? null : { code },
  }),
});

async function world(isHeld = true) {
  const store = new FakeStore();
  const registry = new Registry();
  const term = { isHeld };
  const connected: Agent[] = [];
  const held: Hold[] = [];
  const write = (key: unknown, value: unknown) =>
    store.commit({ writes: [{ key: key as never, value, ifRevision: null }] });
  const metrics = createCoordinatorMetrics(registry);
  const monitor = new GroupMonitor(
    {
      ...{ store, term, clock: systemClock, log: createLogger('test', 'silent') },
      holds: { of: () => held },
      agents: { revisionOf: () => 7, connected },
      gauges: createGroupGauges(registry),
    },
    1000,
  );
  const spec = groupSpec();
  await write(keys.group(spec.name), spec);
  const look = async (): Promise<string> => {
    await monitor.look();
    return registry.metrics();
  };
  return { spec, write, look, connected, held, term, metrics, registry };
}

describe('GroupMonitor', () => {
  it('tells decision, pauses and holds', async () => {
    const { spec, write, look, held } = await world();
    const g = spec.name;
    await write(keys.decision(g), { reason: 'AT_MAX', atMs: 1 });
    const order = { owner: 'o', reason: 'r', sinceMs: 5000 };
    await write(keys.pauses(g), { out: null, in: { ...order, untilMs: null } });
    held.push({ subject: 'r1', reason: 'SESSIONS', message: '', sinceMs: 9000 });
    held.push({ subject: 'r2', reason: 'SESSIONS', message: '', sinceMs: 3000 });
    const text = await look();
    assert.match(text, new RegExp(`^chester_scaling_decision\\{group="${g}",reason="AT_MAX"\\} 1$`, 'm'));
    assert.match(
      text,
      new RegExp(`^chester_scaling_paused_since_timestamp_seconds\\{group="${g}",direction="in"\\} 5$`, 'm'),
    );
    assert.match(text, new RegExp(`^chester_holds\\{group="${g}",reason="SESSIONS"\\} 2$`, 'm'));
    assert.match(text, new RegExp(`^chester_hold_since_timestamp_seconds\\{group="${g}",reason="SESSIONS"\\} 3$`, 'm'));
    await write(keys.decision(g), { reason: 'STEADY', atMs: 2 });
    held.length = 0;
    const later = await look();
    assert.doesNotMatch(later, /AT_MAX|SESSIONS/);
  });

  it('leaves what was decided to the coordinator that decides', async () => {
    const { spec, write, look, connected } = await world(false);
    await write(keys.decision(spec.name), { reason: 'AT_MAX', atMs: 1 });
    connected.push(agent('SENT', 6));
    const text = await look();
    assert.doesNotMatch(text, /AT_MAX/);
    assert.match(text, /^chester_agents_behind\{.*state="SENT"\} 1$/m);
  });

  it('counts agents that are behind, and what keeps them, with no more reasons than there can be', async () => {
    const { look, connected } = await world();
    connected.push(agent('APPLIED', 7), agent('SENT', null), agent('RETRYING', 6, 'FOREIGN_PENDING'));
    connected.push(agent('REJECTED', 6, 'free text of "somebody"'), {
      ...agent('SENT', 1),
      refusal: { code: 'REFUSED' },
    });
    for (let n = 0; n < 100; n += 1) connected.push(agent('APPLIED', 7, `C${'X'.repeat((n % 39) + 1)}`));
    const text = await look();
    assert.match(text, /^chester_agents_behind\{.*state="SENT"\} 1$/m);
    assert.match(text, /^chester_agents_behind\{.*state="REJECTED"\} 1$/m);
    assert.doesNotMatch(text, /state="APPLIED"/);
    assert.match(text, /^chester_agents_held\{.*reason="FOREIGN_PENDING"\} 1$/m);
    assert.doesNotMatch(text, /somebody/);
    assert.ok(text.match(/^chester_agents_held\{/gm)!.length <= 31);
  });

  it('forgets a group that is gone, also what others told of it', async () => {
    const { spec, write, look, metrics } = await world();
    metrics.setGroup(spec.name, { desired: 1, serving: 1, existing: 1 });
    metrics.setRollout(spec.name, 'stopped');
    await look();
    await write(keys.group(spec.name), null);
    assert.doesNotMatch(await look(), new RegExp(`group="${spec.name}"`));
  });
});

describe('createCertificateGauge', () => {
  it('calls a certificate that cannot be read expired', async () => {
    const registry = new Registry();
    createCertificateGauge(registry, '/nowhere');
    assert.match(await registry.metrics(), /^chester_certificate_expiry_timestamp_seconds\{use="server"\} 0$/m);
  });
});
