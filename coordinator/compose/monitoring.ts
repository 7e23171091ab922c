import type { Registry } from 'prom-client';
import type { Component } from '../../process/lifecycle.ts';
import { createCertificateGauge, createGroupGauges } from '../adapters/group-metrics.ts';
import type { AgentStreams } from '../api/agent-streams.ts';
import type { CoordinatorConfig } from '../config.ts';
import { GroupMonitor } from '../loops/group-monitor.ts';
import type { Holds } from '../ports.ts';
import type { Shared } from './shared.ts';

const intervalMs = 15_000;

type MonitoringDeps = Shared & {
  readonly registry: Registry;
  readonly board: Holds;
  readonly streams: AgentStreams;
};

/** What tells monitoring of all groups, and of the server's certificate. */
export function composeMonitoring({ access }: CoordinatorConfig, deps: MonitoringDeps): Component {
  const { registry, board: holds, streams: agents, ...shared } = deps;
  createCertificateGauge(registry, access.tls?.certificateFile ?? null);
  return new GroupMonitor({ ...shared, holds, agents, gauges: createGroupGauges(registry) }, intervalMs);
}
