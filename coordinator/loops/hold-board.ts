import type { Hold, Holds } from '../ports.ts';

/** What holds each group up right now: every loop writes its own anew with every look, administration reads all. */
export class HoldBoard implements Holds {
  /** By group, then by the loop that looks. */
  readonly #groups = new Map<string, Map<string, ReadonlyMap<string, Hold>>>();

  /** Begins a loop's new look at a group; what it does not hold again by the look's end is no longer held. */
  beginLook(group: string, loop: string): HoldLook {
    const looks = this.#groups.get(group) ?? new Map<string, ReadonlyMap<string, Hold>>();
    const before = looks.get(loop);
    const now = new Map<string, Hold>();
    return {
      hold: ({ subject, reason, message, atMs }) => {
        const known = before?.get(subject);
        const sinceMs = known?.reason === reason ? known.sinceMs : atMs;
        now.set(subject, { subject, reason, message, sinceMs });
      },
      end: () => {
        this.#groups.set(group, looks.set(loop, now));
      },
    };
  }

  of(group: string): readonly Hold[] {
    return [...(this.#groups.get(group)?.values() ?? [])].flatMap((holds) => [...holds.values()]);
  }
}

export type HoldLook = {
  hold(what: { subject: string; reason: string; message: string; atMs: number }): void;
  end(): void;
};
