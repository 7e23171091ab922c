import type { Clock } from '../../process/clock.ts';
import type { AdminEngine } from './admin-engine.ts';
import type { BackendProbe } from './backend-probe.ts';

type Address = { readonly hostname: string; readonly port: number };
type Check = { readonly table: string; readonly interval: string; readonly timeout: string };

const checks: readonly Check[] = [
  { table: 'mysql_server_connect_log', interval: 'connect_interval', timeout: 'connect_timeout' },
  { table: 'mysql_server_ping_log', interval: 'ping_interval', timeout: 'ping_timeout' },
];
/** How soon a change of `mysql-monitor_enabled` or of an interval is seen. */
const pollMs = 50;

/**
 * ProxySQL's monitor, as far as it shows: probes every running server in the `mysql-monitor_` intervals, logs each
 * result, and shuns a server in all its hostgroups after `mysql-monitor_ping_max_failures` failed pings in a row.
 */
export class Monitor {
  readonly #engine: AdminEngine;
  readonly #probe: BackendProbe;
  readonly #clock: Clock;
  readonly #lastMs = new Map<Check, number>();
  readonly #failures = new Map<string, number>();
  #cancel: (() => void) | null = null;
  #isStopped = false;

  constructor(engine: AdminEngine, probe: BackendProbe, clock: Clock) {
    this.#engine = engine;
    this.#probe = probe;
    this.#clock = clock;
  }

  start(): void {
    if (this.#isStopped) return;
    this.#tick();
    this.#cancel = this.#clock.setTimer(pollMs, () => {
      this.start();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #tick(): void {
    if (this.#engine.layers.variables.get('mysql-monitor_enabled') !== 'true') return;
    const nowMs = this.#clock.monotonicMs();
    for (const check of checks) {
      const lastMs = this.#lastMs.get(check) ?? Number.NEGATIVE_INFINITY;
      if (nowMs < lastMs + this.#setting(check.interval)) continue;
      this.#lastMs.set(check, nowMs);
      for (const address of this.#engine.layers.hostgroups.monitored()) void this.#look(check, address);
    }
  }

  async #look(check: Check, address: Address): Promise<void> {
    const startedMicros = this.#clock.nowMs() * 1000;
    const result = await this.#probe(address, this.#setting(check.timeout));
    if (this.#isStopped) return;
    const { db } = this.#engine;
    const values = [address.hostname, address.port, startedMicros, result.micros, result.error];
    db.run(`REPLACE INTO monitor.${check.table} VALUES (?, ?, ?, ?, ?)`, ...values);
    const oldestMicros = startedMicros - this.#setting('history') * 1000;
    db.run(`DELETE FROM monitor.${check.table} WHERE time_start_us < ?`, oldestMicros);
    if (check.table === 'mysql_server_ping_log') this.#judge(address, result.error === null, result.micros);
  }

  #judge(address: Address, isAlive: boolean, latencyMicros: number): void {
    const { hostgroups } = this.#engine.layers;
    const isKnown = hostgroups
      .monitored()
      .some(({ hostname, port }) => hostname === address.hostname && port === address.port);
    if (!isKnown) return;
    const key = `${address.hostname}:${address.port}`;
    const failures = isAlive ? 0 : (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    if (isAlive) hostgroups.count(address, { latencyMicros });
    else if (failures >= this.#setting('ping_max_failures')) hostgroups.shun(address, 'errors');
  }

  #setting(name: string): number {
    return Number(this.#engine.layers.variables.get(`mysql-monitor_${name}`));
  }
}
