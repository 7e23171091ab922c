import { collectDefaultMetrics, Registry } from 'prom-client';

/** Makes a registry that also holds the process's own metrics (CPU, memory, event-loop lag). */
export function createMetrics(): Registry {
  const registry = new Registry();
  // The delay is sampled by a timer: every 10 ms, as by default, costs an idle daemon 1 % of a core.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 500 });
  return registry;
}
