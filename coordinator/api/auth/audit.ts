import type { Caller, Scope } from '../../core/access.ts';

/** A change that somebody asked for. */
export type Act = {
  /** Null: nobody that is known here. */
  readonly caller: Caller | null;
  readonly source: string;
  /** The call, for example `PutGroup` or `PATCH /queryrules`. */
  readonly what: string;
  /** What it concerns. */
  readonly scopes: readonly Scope[];
  /** Why, in the caller's words; empty: it was not said. */
  readonly reason: string;
  readonly request: unknown;
};

/** Ends an entry with what became of the change: `OK`, or an error's code. Never throws. */
export type AuditEntry = { readonly finish: (outcome: string) => Promise<void> };

/** Keeps who changed what. */
export interface AuditTrail {
  /**
   * Writes that a change begins, so that none is done that left no trace.
   *
   * @throws {CoordinatorError} STORE_UNAVAILABLE: then the change must not be made.
   */
  begin(act: Act): Promise<AuditEntry>;
  /** Writes that a change was not admitted. Never throws, and never waits for the store. */
  denied(act: Act, outcome: string): void;
}
