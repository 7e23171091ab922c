import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { Gauge, type Registry } from 'prom-client';
import type { GroupGauges, GroupStanding } from '../ports.ts';

/** Metrics that others set by group, and that a deleted group leaves behind. */
const setElsewhere = ['chester_replicas', 'chester_rollout_stopped'];

/** Registers what tells how each group stands. */
export function createGroupGauges(registry: Registry): GroupGauges {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name: `chester_${name}`, help, labelNames: [...labelNames], registers: [registry] });
  const decision = gauge('scaling_decision', 'Always 1: why the count of a group is what it is.', ['group', 'reason']);
  const paused = gauge(
    'scaling_paused_since_timestamp_seconds',
    'Since when a person has paused a direction of scaling.',
    ['group', 'direction'],
  );
  const holds = gauge('holds', 'What keeps a group, or its replicas, from moving on, by reason.', ['group', 'reason']);
  const since = gauge('hold_since_timestamp_seconds', 'Since when the oldest hold of this reason lasts.', [
    'group',
    'reason',
  ]);
  const behind = gauge('agents_behind', "Connected agents that do not run a group's newest snapshot, by answer.", [
    'group',
    'state',
  ]);
  const held = gauge('agents_held', 'Connected agents by what keeps them from a snapshot, or failed last.', [
    'group',
    'reason',
  ]);
  let known: ReadonlySet<string> = new Set();
  const set = ({ group, ...standing }: GroupStanding): void => {
    if (standing.decision !== null) decision.set({ group, reason: standing.decision }, 1);
    for (const { direction, sinceMs } of standing.pauses) paused.set({ group, direction }, sinceMs / 1000);
    for (const reason of new Set(standing.holds.map((hold) => hold.reason))) {
      const those = standing.holds.filter((hold) => hold.reason === reason);
      holds.set({ group, reason }, those.length);
      since.set({ group, reason }, Math.min(...those.map(({ sinceMs }) => sinceMs)) / 1000);
    }
    for (const [state, count] of standing.behind) behind.set({ group, state }, count);
    for (const [reason, count] of standing.held) held.set({ group, reason }, count);
  };
  return {
    setGroups: (standings) => {
      for (const each of [decision, paused, holds, since, behind, held]) each.reset();
      for (const standing of standings) set(standing);
      const now = new Set(standings.map(({ group }) => group));
      for (const group of known) if (!now.has(group)) forget(registry, group);
      known = now;
    },
  };
}

function forget(registry: Registry, group: string): void {
  for (const name of setElsewhere) {
    const metric = registry.getSingleMetric(name);
    if (!(metric instanceof Gauge)) continue;
    if (name === 'chester_replicas')
      for (const count of ['desired', 'serving', 'existing']) metric.remove({ group, count });
    else metric.remove({ group });
  }
}

/** Registers when the server's certificate expires, as it stands in its file at each scrape. */
export function createCertificateGauge(registry: Registry, certificateFile: string | null): void {
  new Gauge({
    name: 'chester_certificate_expiry_timestamp_seconds',
    help: 'When a certificate that this process uses expires, by what it is for.',
    labelNames: ['use'],
    registers: [registry],
    collect() {
      if (certificateFile === null) return;
      try {
        this.set({ use: 'server' }, Date.parse(new X509Certificate(readFileSync(certificateFile)).validTo) / 1000);
      } catch {
        // A file that cannot be read says so in the log of who serves it; here it counts as expired.
        this.set({ use: 'server' }, 0);
      }
    },
  });
}
