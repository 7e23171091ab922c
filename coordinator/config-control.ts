import type { EnvironmentReader } from '../process/environment.ts';
import { labelName } from './core/names.ts';

/** How this coordinator takes its part among several. */
export type ControlConfig = {
  readonly leaseTtlMs: number;
  readonly mayDecide: boolean;
  /** Empty: one cell, which nobody names. */
  readonly cell: string;
};

/** Lines of `chester coordinator --help`. */
export const controlHelp: readonly (readonly [name: string, fallback: string, meaning: string])[] = [
  ['CELL', '', 'this cluster or region, where several share one store; empty for an installation that is one cell'],
  ['LEASE_TTL_MS', '10000', 'with a shared store: how long after its last sign the deciding coordinator is replaced'],
  ['MAY_DECIDE', 'true', 'false where there are no credentials for Cloud SQL: serves agents and never decides'],
];

/** Reads them. Problems are left with the reader. */
export function parseControl(reader: EnvironmentReader): ControlConfig {
  return {
    leaseTtlMs: reader.integer('LEASE_TTL_MS', 10_000, { min: 1000, max: 300_000 }),
    mayDecide: reader.boolean('MAY_DECIDE', true),
    cell: reader.text('CELL', '', labelName),
  };
}
