/**
 * An operator's order to have an owned replica gone. It is not counted any more, so another one is created, and only when
 * that one serves does it leave the proxies, the way every replica does.
 */
export type Removal = {
  readonly group: string;
  /** The replica's name. */
  readonly server: string;
  readonly owner: string;
  readonly reason: string;
  readonly atMs: number;
};
