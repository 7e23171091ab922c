import type { Published } from '../../coordinator/core/fleet-settings.ts';
import type { SnapshotFanout } from '../../coordinator/ports.ts';

/** Keeps what was handed out, and which groups' agents were to be compared. */
export class FakeFanout implements SnapshotFanout {
  readonly offered: Published[] = [];
  readonly recompared: string[] = [];

  offer(published: Published): void {
    this.offered.push(published);
  }

  revisionOf(group: string): number {
    return Math.max(0, ...this.offered.filter((one) => one.group === group).map(({ revision }) => revision));
  }

  recompare(group: string): void {
    this.recompared.push(group);
  }
}
