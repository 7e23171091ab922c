import type { AuditedAct } from '../../core/audit.ts';

/** Ends an entry with what became of the change: `OK`, or an error's code. Never throws. */
export type AuditEntry = { readonly finish: (outcome: string) => Promise<void> };

/** Keeps who changed what. */
export interface AuditTrail {
  /**
   * Writes that a change begins, so that none is done that left no trace.
   *
   * @throws {CoordinatorError} STORE_UNAVAILABLE: then the change must not be made.
   */
  begin(act: AuditedAct): Promise<AuditEntry>;
  /** Writes that a change was not admitted. Never throws, and never waits for the store. */
  denied(act: AuditedAct, outcome: string): void;
}
