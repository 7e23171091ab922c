import { Counter, type Registry } from 'prom-client';
import type { Proof } from '../core/access.ts';

/** Counts credentials that were refused, by kind. */
export function createRefusalCount(registry: Registry): (kind: Proof) => void {
  const counter = new Counter({
    name: 'chester_access_refused_total',
    help: 'Credentials of administrators that were refused, by kind',
    labelNames: ['kind'],
    registers: [registry],
  });
  return (kind) => {
    counter.inc({ kind });
  };
}
