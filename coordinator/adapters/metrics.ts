import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Metrics, NoticeTally } from '../ports.ts';

/** Registers the coordinator's metrics and returns the port that sets them. */
export function createCoordinatorMetrics(registry: Registry): Metrics {
  const registers = [registry];
  const notifications = new Counter({
    name: 'chester_notifications_total',
    help: 'Notifications taken, by what became of them.',
    labelNames: ['kind'],
    registers,
  });
  const decisions = new Counter({
    name: 'chester_scaling_evaluations_total',
    help: 'Evaluations of a group by the autoscaler, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const waits = new Counter({
    name: 'chester_reconcile_waits_total',
    help: 'Steps that the reconciler held back, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const convergence = new Histogram({
    name: 'chester_convergence_seconds',
    help: "From a snapshot's commit to the last APPLIED of all connected agents.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120],
    registers,
  });
  const replicas = new Gauge({
    name: 'chester_replicas',
    help: 'Owned replicas of a group: desired, serving, and existing in any state.',
    labelNames: ['group', 'count'],
    registers,
  });
  return {
    countNotification: (kind) => {
      notifications.inc({ kind });
    },
    countDecision: (reason, times = 1) => {
      decisions.inc({ reason }, times);
    },
    countWait: (reason) => {
      waits.inc({ reason });
    },
    observeConvergence: (seconds) => {
      convergence.observe(seconds);
    },
    setGroup: (group, counts) => {
      for (const [count, number] of Object.entries(counts)) replicas.set({ group, count }, number);
    },
    ...createLagMetric(registers),
    ...createStreamMetrics(registers),
  };
}

/** By group: a replica's name would be a new series with each scale-out. */
function createLagMetric(registers: Registry[]): Pick<Metrics, 'setLag'> {
  const lag = new Gauge({
    name: 'chester_replica_lag_seconds',
    help: 'How far the serving replica of a group that is behind most is; +Inf while its replication is stopped.',
    labelNames: ['group'],
    registers,
  });
  return {
    setLag: (group, worstSeconds) => {
      if (worstSeconds === null) lag.remove({ group });
      else lag.set({ group }, worstSeconds);
    },
  };
}

function createStreamMetrics(registers: Registry[]): Pick<Metrics, 'setAgents' | 'countAdmission' | 'setRollout'> {
  const agents = new Gauge({ name: 'chester_agents_connected', help: 'Agents with an open stream.', registers });
  const admissions = new Counter({
    name: 'chester_agent_admissions_total',
    help: 'New streams of agents, by whether they were let in or told to come later.',
    labelNames: ['result'],
    registers,
  });
  const stopped = new Gauge({
    name: 'chester_rollout_stopped',
    help: '1 while the newest snapshot of a group goes to no further agent, because agents refused it.',
    labelNames: ['group'],
    registers,
  });
  return {
    setAgents: (connected) => {
      agents.set(connected);
    },
    countAdmission: (result) => {
      admissions.inc({ result });
    },
    setRollout: (group, state) => {
      stopped.set({ group }, state === 'stopped' ? 1 : 0);
    },
  };
}

/** Registers what is counted of notifications to people. */
export function createNoticeTally(registry: Registry): NoticeTally {
  const notices = new Counter({
    name: 'chester_notices_total',
    help: 'Notifications to people, by receiver and what became of them.',
    labelNames: ['receiver', 'result'],
    registers: [registry],
  });
  return {
    countNotice: (receiver, result) => {
      notices.inc({ receiver, result });
    },
  };
}
