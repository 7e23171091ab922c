import type { Hold, Holds } from '../ports.ts';

/** What holds each group up right now: written anew by every look at the group, read by administration. */
export class HoldBoard implements Holds {
  readonly #groups = new Map<string, Map<string, Hold>>();

  /** Begins a new look at a group; what is not held again by its end is no longer held. */
  beginLook(group: string): HoldLook {
    const before = this.#groups.get(group) ?? new Map<string, Hold>();
    const now = new Map<string, Hold>();
    return {
      hold: ({ subject, reason, message, atMs }) => {
        const known = before.get(subject);
        const sinceMs = known?.reason === reason ? known.sinceMs : atMs;
        now.set(subject, { subject, reason, message, sinceMs });
      },
      end: () => {
        this.#groups.set(group, now);
      },
    };
  }

  of(group: string): readonly Hold[] {
    return [...(this.#groups.get(group)?.values() ?? [])];
  }

  forget(group: string): void {
    this.#groups.delete(group);
  }
}

export type HoldLook = {
  hold(what: { subject: string; reason: string; message: string; atMs: number }): void;
  end(): void;
};
