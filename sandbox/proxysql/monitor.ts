import type { Clock } from '../../process/clock.ts';
import type { SqlValue } from './admin-database.ts';
import type { AdminEngine } from './admin-engine.ts';
import { type Address, addressKey, type CheckKind, type CheckResult, MonitorClient } from './monitor-client.ts';

/** @see docs/proxysql.md, "The monitor" */
const checks: readonly { readonly kind: CheckKind; readonly name: string }[] = [
  { kind: 'connect', name: 'connect' },
  { kind: 'ping', name: 'ping' },
  { kind: 'replicationLag', name: 'replication_lag' },
  { kind: 'readOnly', name: 'read_only' },
];
type Check = (typeof checks)[number];

/** How soon a LOAD of variables is seen. */
const pollMs = 50;

/**
 * ProxySQL's monitor, as far as it shows: checks the running servers in the `mysql-monitor_` intervals and at once after
 * LOAD MYSQL VARIABLES, logs each result, and changes what runs: a shun after missed pings or for lag, and a move between
 * the hostgroups of `mysql_replication_hostgroups`.
 */
export class Monitor {
  readonly #engine: AdminEngine;
  readonly #client: MonitorClient;
  readonly #clock: Clock;
  /** Whether clients are pretended, whose queries end a shun. */
  readonly #recovers: boolean;
  readonly #shunnedAtMs = new Map<string, number>();
  readonly #lastMs = new Map<Check, number>();
  /** Failures in a row, by check and address. */
  readonly #failures = new Map<string, number>();
  #variableLoads = 0;
  #cancel: (() => void) | null = null;
  #isStopped = false;

  constructor(engine: AdminEngine, clock: Clock, recovers = false) {
    this.#engine = engine;
    this.#clock = clock;
    this.#recovers = recovers;
    this.#client = new MonitorClient(() => ({
      user: engine.layers.variables.get('mysql-monitor_username'),
      password: engine.layers.variables.get('mysql-monitor_password'),
    }));
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
    this.#client.close();
  }

  #tick(): void {
    const { variables } = this.#engine.layers;
    if (variables.get('mysql-monitor_enabled') !== 'true') return;
    if (this.#variableLoads !== variables.mysqlLoads) this.#lastMs.clear();
    this.#variableLoads = variables.mysqlLoads;
    const nowMs = this.#clock.monotonicMs();
    for (const check of checks) {
      const lastMs = this.#lastMs.get(check) ?? Number.NEGATIVE_INFINITY;
      if (nowMs < lastMs + this.#setting(`${check.name}_interval`)) continue;
      this.#lastMs.set(check, nowMs);
      this.#forgetOld(check);
      for (const address of this.#addresses(check)) void this.#look(check, address);
    }
  }

  #addresses({ kind }: Check): readonly Address[] {
    const { hostgroups } = this.#engine.layers;
    if (kind === 'ping') return hostgroups.monitored();
    const answering = (address: Address): boolean => !this.#isDown(address);
    switch (kind) {
      case 'connect':
        return hostgroups.monitored().filter(answering);
      case 'replicationLag':
        return hostgroups.lagging().filter(answering);
      case 'readOnly':
        return this.#engine.layers.placedByReadOnly().filter(answering);
    }
  }

  async #look(check: Check, address: Address): Promise<void> {
    const startedMicros = this.#clock.nowMs() * 1000;
    const result = await this.#client.check(check.kind, address, this.#setting(`${check.name}_timeout`));
    if (this.#isStopped) return;
    this.#log(check, address, startedMicros, result);
    const key = `${check.kind} ${addressKey(address)}`;
    this.#failures.set(key, result.error === null ? 0 : (this.#failures.get(key) ?? 0) + 1);
    if (this.#engine.layers.hostgroups.isMonitored(address)) this.#act(check, address, result);
  }

  #log({ kind, name }: Check, { hostname, port }: Address, startedMicros: number, result: CheckResult): void {
    const table = `monitor.mysql_server_${name}_log`;
    const value = result.error !== null || result.value === 'none' ? null : result.value;
    const asked: SqlValue[] = kind === 'replicationLag' || kind === 'readOnly' ? [value] : [];
    const row = [hostname, port, startedMicros, result.error === null ? result.micros : 0, ...asked, result.error];
    this.#engine.db.run(`REPLACE INTO ${table} VALUES (${row.map(() => '?').join()})`, ...row);
  }

  /** Once a round, as ProxySQL does. */
  #forgetOld({ name }: Check): void {
    const sinceMicros = (this.#clock.nowMs() - this.#setting('history')) * 1000;
    this.#engine.db.run(`DELETE FROM monitor.mysql_server_${name}_log WHERE time_start_us < ?`, sinceMicros);
  }

  #act({ kind }: Check, address: Address, result: CheckResult): void {
    const { layers } = this.#engine;
    if (kind === 'ping') this.#actOnPing(address, result);
    if (kind === 'replicationLag' && result.error === null) {
      const whenNull = this.#setting('slave_lag_when_null');
      layers.hostgroups.noteLag(address, result.value === 'none' ? null : (result.value ?? whenNull));
    }
    if (kind === 'readOnly') this.#place(address, result);
  }

  #actOnPing(address: Address, result: CheckResult): void {
    if (result.error === null) this.#engine.layers.hostgroups.count(address, { latencyMicros: result.micros });
    // Who refuses the monitor's login is alive.
    const isDenied = result.error?.startsWith('Access denied for user') === true;
    if (!isDenied && this.#isDown(address)) this.#shun(address);
    else if (this.#recovers) this.#recover(address);
  }

  #shun(address: Address): void {
    this.#engine.layers.hostgroups.shun(address, 'errors');
    this.#shunnedAtMs.set(addressKey(address), this.#clock.monotonicMs());
  }

  #recover(address: Address): void {
    const key = addressKey(address);
    const sinceMs = this.#shunnedAtMs.get(key);
    const recoveryMs = Number(this.#engine.layers.variables.get('mysql-shun_recovery_time_sec')) * 1000;
    if (sinceMs === undefined || this.#clock.monotonicMs() - sinceMs < recoveryMs) return;
    this.#shunnedAtMs.delete(key);
    this.#engine.layers.hostgroups.recover(address);
  }

  /** A server that does not say for a while whether it is read-only counts as one that is. */
  #place(address: Address, result: CheckResult): void {
    const failures = this.#failures.get(`readOnly ${addressKey(address)}`) ?? 0;
    if (result.error === null) this.#engine.layers.placeByReadOnly(address, result.value !== 0);
    else if (failures >= this.#setting('read_only_max_timeout_count'))
      this.#engine.layers.placeByReadOnly(address, true);
  }

  #isDown(address: Address): boolean {
    return (this.#failures.get(`ping ${addressKey(address)}`) ?? 0) >= this.#setting('ping_max_failures');
  }

  #setting(name: string): number {
    return Number(this.#engine.layers.variables.get(`mysql-monitor_${name}`));
  }
}
