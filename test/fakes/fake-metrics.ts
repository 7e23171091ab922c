import type { AcceptedNotification, Metrics } from '../../coordinator/ports.ts';

/** Remembers what was counted. */
export class FakeMetrics implements Metrics {
  readonly notifications: AcceptedNotification['kind'][] = [];
  readonly decisions: string[] = [];
  readonly waits: string[] = [];
  readonly convergenceSeconds: number[] = [];
  readonly groups = new Map<
    string,
    { readonly desired: number; readonly serving: number; readonly existing: number }
  >();
  readonly lags = new Map<string, number | null>();
  agents = 0;
  readonly admissions: string[] = [];
  readonly rollouts = new Map<string, string>();

  countNotification(kind: AcceptedNotification['kind']): void {
    this.notifications.push(kind);
  }

  countDecision(reason: string, times = 1): void {
    for (let time = 0; time < times; time += 1) this.decisions.push(reason);
  }

  countWait(reason: string): void {
    this.waits.push(reason);
  }

  observeConvergence(seconds: number): void {
    this.convergenceSeconds.push(seconds);
  }

  setGroup(
    group: string,
    counts: { readonly desired: number; readonly serving: number; readonly existing: number },
  ): void {
    this.groups.set(group, counts);
  }

  setLag(group: string, worstSeconds: number | null): void {
    this.lags.set(group, worstSeconds);
  }

  setAgents(connected: number): void {
    this.agents = connected;
  }

  countAdmission(result: string): void {
    this.admissions.push(result);
  }

  setRollout(group: string, state: string): void {
    this.rollouts.set(group, state);
  }
}
