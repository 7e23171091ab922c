import type { Replica } from './replica.ts';

/**
 * An operator's order to keep a server out of every proxy. The instance stays; what is known of it goes on. A cordon
 * counts for as long as it is stored: one whose time is over is deleted by the scaler.
 */
export type Cordon = {
  readonly group: string;
  /** An owned replica's name, or a static reader as `hostname:port`. */
  readonly server: string;
  /** Who gave the order. */
  readonly owner: string;
  readonly reason: string;
  readonly atMs: number;
  /** Null: until somebody takes it back. */
  readonly untilMs: number | null;
};

/** Whether a replica is kept out by an order. */
export function isCordoned(cordons: readonly Cordon[], replica: Pick<Replica, 'name'>): boolean {
  return cordons.some(({ server }) => server === replica.name);
}

/** Whether an order keeps an address out: its own, or one of the replica that stands there. */
export function isCordonedAddress(
  cordons: readonly Cordon[],
  replicas: readonly Replica[],
  address: { readonly hostname: string; readonly port: number; readonly replicaPort: number },
): boolean {
  const { hostname, port, replicaPort } = address;
  if (cordons.some(({ server }) => server === `${hostname}:${port}`)) return true;
  return replicas.some(
    (replica) =>
      port === replicaPort &&
      replica.state !== 'creating' &&
      replica.address === hostname &&
      isCordoned(cordons, replica),
  );
}

/** Whether its time is over. */
export function isExpired({ untilMs }: Cordon, nowMs: number): boolean {
  return untilMs !== null && untilMs <= nowMs;
}

/** Replicas that take part in a count: those that no order keeps out. */
export function withoutCordoned(replicas: readonly Replica[], cordons: readonly Cordon[]): readonly Replica[] {
  return cordons.length === 0 ? replicas : replicas.filter((replica) => !isCordoned(cordons, replica));
}
