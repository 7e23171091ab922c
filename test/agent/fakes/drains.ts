import type { DrainResult } from '../../../agent/core/client-gate.ts';
import type { ClientGate } from '../../../agent/loops/client-gate.ts';

/** Drains, and shows the result when there is one. */
export function outcome(gate: ClientGate): { readonly result: DrainResult | null } {
  let result: DrainResult | null = null;
  void gate.drain().then((found) => {
    result = found;
  });
  return {
    get result() {
      return result;
    },
  };
}
