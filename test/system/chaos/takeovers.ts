import { setTimeout as pause } from 'node:timers/promises';
import { type ChaosStage, leaseTtlMs, type Name } from './stage.ts';
import { TermWrites, tokenAt } from './term-writes.ts';

/** What was seen each time when the one that decides went away, and when it came back. */
export class Takeovers {
  /** From the kill, or the freeze, until the other one decided. */
  readonly killedMs: number[] = [];
  readonly frozenMs: number[] = [];
  thaws = 0;
  /** Of thawed ones: what they still tried to write under their old term, and what the store took of it. */
  writesTried = 0;
  writesAccepted = 0;
  /** Changes that thawed ones asked Cloud SQL for. */
  cloudChanges = 0;

  async kill(stage: ChaosStage, name: Name): Promise<void> {
    const startedMs = performance.now();
    await stage.kill(name);
    this.killedMs.push(await untilOtherDecides(stage, name, startedMs));
    await stage.restart(name);
  }

  async freeze(stage: ChaosStage, name: Name): Promise<void> {
    const port = await stage.redis.primaryPort();
    const token = await tokenAt(port, stage.prefix);
    const startedMs = performance.now();
    stage.signal(name, 'SIGSTOP');
    this.frozenMs.push(await untilOtherDecides(stage, name, startedMs));
    const writes = await TermWrites.watch(port, token);
    const changesBefore = stage.cloudChanges(name);
    stage.signal(name, 'SIGCONT');
    await pause(2 * leaseTtlMs);
    writes.stop();
    this.thaws += 1;
    this.writesTried += writes.tried;
    this.writesAccepted += writes.accepted;
    this.cloudChanges += stage.cloudChanges(name) - changesBefore;
  }

  /** Figures as lines, and what of them breaks a rule. `heldUpMs`: how late this process itself may have looked. */
  report(heldUpMs: number): { readonly lines: readonly string[]; readonly violations: readonly string[] } {
    const allowedMs = leaseTtlMs + 1000;
    const slowest = Math.max(0, ...this.killedMs, ...this.frozenMs);
    const { thaws, writesTried, writesAccepted, cloudChanges } = this;
    const lines = [
      `the next decides, lease ${leaseTtlMs} ms: after a kill ${render(this.killedMs)} ms, after a freeze ${render(this.frozenMs)} ms`,
      `${thaws} thawed: ${writesAccepted} of ${writesTried} writes of the old term accepted, ${cloudChanges} changes asked of Cloud SQL`,
      `this process was held up for ${heldUpMs.toFixed(0)} ms at most`,
    ];
    const violations = [
      ...(slowest > allowedMs + heldUpMs ? [`nobody decided for ${slowest.toFixed(0)} ms`] : []),
      ...(writesAccepted > 0 ? [`the store took ${writesAccepted} writes of terms that were over`] : []),
      ...(cloudChanges > 0 ? [`thawed coordinators asked Cloud SQL for ${cloudChanges} changes`] : []),
    ];
    return { lines, violations };
  }
}

function render(times: readonly number[]): string {
  return times.length === 0 ? '-' : times.map((one) => one.toFixed(0)).join(', ');
}

async function untilOtherDecides(stage: ChaosStage, name: Name, startedMs: number): Promise<number> {
  const other = name === 'first' ? 'second' : 'first';
  while (!(await stage.isHolder(other))) {
    if (performance.now() - startedMs > 60_000) throw new Error(`${other} does not decide, and ${name} is away`);
    await pause(20);
  }
  return performance.now() - startedMs;
}
