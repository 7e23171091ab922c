import { collectDefaultMetrics, Registry } from 'prom-client';

/** Makes a registry that also holds the process's own metrics (CPU, memory, event-loop lag). */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
