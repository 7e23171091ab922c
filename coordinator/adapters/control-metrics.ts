import { Gauge, type Registry } from 'prom-client';

/** What tells whether a coordinator can decide. */
export type Control = {
  readonly term: { readonly isHeld: boolean };
  readonly storeProblem: () => string | null;
};

/** Registers what tells of store, lease and cells. Returns what takes whether a cell is silent. */
export function createControlMetrics(
  registry: Registry,
  { term, storeProblem }: Control,
): (cell: string, isSilent: boolean) => void {
  const registers = [registry];
  new Gauge({
    name: 'chester_store_up',
    help: '1 while the store answers; without it nothing is decided, and agents keep what they have.',
    registers,
    collect() {
      this.set(storeProblem() === null ? 1 : 0);
    },
  });
  new Gauge({
    name: 'chester_lease_held',
    help: '1 on the coordinator that decides.',
    registers,
    collect() {
      this.set(term.isHeld ? 1 : 0);
    },
  });
  const silent = new Gauge({
    name: 'chester_cell_silent',
    help: '1 for a cell without a sign of life; while there is one nothing is deleted.',
    labelNames: ['cell'],
    registers,
  });
  return (cell, isSilent) => {
    silent.set({ cell }, isSilent ? 1 : 0);
  };
}
