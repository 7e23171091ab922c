import type { Session } from './mysql-answers.ts';

/** Whom a replica follows, and how far behind it is to be; a null lag: its applier is stopped. */
export type Replication = { readonly primaryAddress: string; readonly lagSeconds: number | null };

/** The MySQL servers behind the instances, each on an address of its own and all on one port. */
export interface InstanceHosts {
  /**
   * Starts a server for an instance, on `wanted` when that is free, else on the next free address.
   *
   * @throws {Error} when no address can be had.
   */
  open(name: string, wanted: string | null): Promise<string>;
  /** Makes a server replicate, or a primary of it with null. Servers that only pretend do not need to be told. */
  follow?(name: string, replication: Replication | null): Promise<void>;
  /** Ends an instance's server. */
  close(name: string): Promise<void>;
  closeAll(): Promise<void>;
  cutSessions(name: string): void;
  /** Of the instances that have a server. */
  names(): string[];
  /** The clients that are logged in. */
  sessions(name: string): Session[];
}
