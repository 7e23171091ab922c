import { randomUUID } from 'node:crypto';
import type { Component } from '../../process/lifecycle.ts';
import { MysqlReplicaProbe } from '../adapters/replica-probe.ts';
import type { SecretReader } from '../adapters/secrets.ts';
import type { CoordinatorConfig } from '../config.ts';
import { type GroupSpec, replicaNamePrefix, replicaSuffixCharacters } from '../core/group-spec.ts';
import { CoordinatorError } from '../errors.ts';
import { ActionRunner } from '../loops/action-runner.ts';
import type { HoldBoard } from '../loops/hold-board.ts';
import { LagWatch } from '../loops/lag-watch.ts';
import { Scaler } from '../loops/scaler.ts';
import type { Cells, ReaderWarmth } from '../ports.ts';
import type { Cloud } from './cloud.ts';
import type { Shared } from './shared.ts';

type ScalerDeps = Shared &
  Cloud & {
    readonly board: HoldBoard;
    readonly cells: Cells;
    readonly secrets: SecretReader;
    readonly warmth: ReaderWarmth;
  };

/** Ten proxies on one machine have a change within this time; what a look costs would hold them up. */
const mergeMs = 100;

/** Limits on logins that ask for lag; a thousand replicas are asked every 20 s. */
const lagLimits = { probesAtOnceMax: 16, probesPerSecondMax: 50 };

/** What decides and acts, and what it has to know of the replicas' lag. */
export function composeScaler(config: CoordinatorConfig, shared: ScalerDeps): Component[] {
  const probe = new MysqlReplicaProbe(shared, { deadlineMs: 5000, ignoredUsers: config.monitorUsers });
  const runner = new ActionRunner({ ...shared, probe, isRefusal });
  const onChange = (group: string) => {
    scaler.wake(group);
  };
  const lagOptions = { intervalMs: config.lagIntervalMs, ...lagLimits };
  const lagWatch = new LagWatch({ ...shared, probe, onChange }, lagOptions);
  const lag = { lagOf: lagWatch.lagOf.bind(lagWatch), lagNotes: lagWatch.notesOf.bind(lagWatch) };
  const scaler: Scaler = new Scaler({ ...shared, ...lag, runner, nextName }, { ...config, mergeMs });
  return [scaler, lagWatch];
}

/** A call that Cloud SQL refused for good created nothing. */
function isRefusal(error: unknown): boolean {
  return error instanceof CoordinatorError && !error.isRetryable;
}

/** The primary's name or the group's prefix, then a random suffix: a deleted instance's name stays taken for a week. */
function nextName(spec: GroupSpec): string {
  return `${replicaNamePrefix(spec)}r${randomUUID().slice(0, replicaSuffixCharacters - 1)}`;
}
