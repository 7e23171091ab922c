import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { AgentMetrics } from '../ports.ts';

/** Counts in a prom-client registry, under names that begin with `chester_agent_`. */
export class PrometheusMetrics implements AgentMetrics {
  readonly #applySeconds;
  readonly #answers;
  readonly #loads;
  readonly #foreignLoads;
  readonly #endedSessions;
  readonly #repairs;
  readonly #adminFailures;
  readonly #connected;
  readonly #groups;
  readonly #settled;
  readonly #removing;
  readonly #savedAt;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#applySeconds = new Histogram({
      name: 'chester_agent_apply_seconds',
      help: "From an update's arrival to the proof in runtime.",
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    });
    const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
      new Counter({ name: `chester_agent_${name}`, help, labelNames: [...labelNames], registers });
    const gauge = (name: string, help: string): Gauge => new Gauge({ name: `chester_agent_${name}`, help, registers });
    this.#answers = counter('answers_total', 'Answers to updates, by status.', ['status']);
    this.#loads = counter('loads_total', 'LOAD MYSQL SERVERS TO RUNTIME sent.');
    this.#foreignLoads = counter('foreign_loads_total', "Somebody else's LOAD MYSQL SERVERS TO RUNTIME.");
    this.#endedSessions = counter('sessions_ended_total', 'Pinned sessions ended on a draining server.');
    this.#repairs = counter('drift_repairs_total', 'Rows put back that somebody else had changed.', ['group']);
    this.#adminFailures = counter('admin_failures_total', 'Failed calls of the admin interface.', ['code']);
    this.#connected = gauge('stream_connected', '1 while a coordinator has welcomed this agent.');
    this.#groups = gauge('groups', 'Groups this agent answers for.');
    this.#settled = gauge('groups_settled', 'Groups whose runtime is as their snapshot says.');
    this.#removing = gauge('servers_removing', 'Addresses on their way out.');
    this.#savedAt = gauge('last_known_good_timestamp_seconds', 'When the last known good was written.');
  }

  applied(seconds: number): void {
    this.#applySeconds.observe(seconds);
  }

  answered(status: string): void {
    this.#answers.inc({ status });
  }

  loaded(): void {
    this.#loads.inc();
  }

  foreignLoaded(loads: number): void {
    this.#foreignLoads.inc(loads);
  }

  sessionEnded(): void {
    this.#endedSessions.inc();
  }

  driftRepaired(group: string): void {
    this.#repairs.inc({ group });
  }

  adminFailed(code: string): void {
    this.#adminFailures.inc({ code });
  }

  streamConnected(isConnected: boolean): void {
    this.#connected.set(isConnected ? 1 : 0);
  }

  groupsHeld(counts: { readonly groups: number; readonly settled: number; readonly removing: number }): void {
    this.#groups.set(counts.groups);
    this.#settled.set(counts.settled);
    this.#removing.set(counts.removing);
  }

  lastKnownGoodSaved(atMs: number): void {
    this.#savedAt.set(atMs / 1000);
  }
}
