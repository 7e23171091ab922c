import type { FleetTarget } from './variables.ts';
import { type GroupTarget, withoutOwned } from './snapshot.ts';

/** What an agent keeps on disk, so that it serves without a coordinator and never obeys an old one. */
export type LastKnownGood = {
  readonly maxEpoch: number;
  readonly groups: readonly KeptGroup[];
  /** What the fleet's proxies have in common; `null` when no coordinator said yet. It does not age. */
  readonly fleet: FleetTarget | null;
};

/** A group that was proven on the proxy, and when a coordinator last said (wall clock) that it is the newest. */
export type KeptGroup = KeptTarget & { readonly confirmedAtMs: number };

/** What was proven, and at which boot of the proxy; absent in files of older agents. */
export type KeptTarget = { readonly target: GroupTarget; readonly proxyBoot?: string };

const formatVersion = 2;

/** Renders the file: a line with the digest of the second line. `digest` is a cryptographic hash as text. */
export function renderLastKnownGood(state: LastKnownGood, digest: (text: string) => string): string {
  const text = JSON.stringify({ format: formatVersion, ...state });
  return `${digest(text)}\n${text}\n`;
}

/** Parses the file, or says why it cannot be trusted. */
export function parseLastKnownGood(
  text: string,
  digest: (text: string) => string,
): { readonly state: LastKnownGood } | { readonly problem: string } {
  const end = text.indexOf('\n');
  const body = text.slice(end + 1, -1);
  if (end < 0 || !text.endsWith('\n') || digest(body) !== text.slice(0, end)) {
    return { problem: 'its checksum does not fit: torn or edited' };
  }
  // The checksum vouches for the shape: what this program wrote needs no second check, field by field.
  const { format, maxEpoch, groups, fleet } = JSON.parse(body) as { format: number } & LastKnownGood;
  if (format !== formatVersion) return { problem: `its format is ${format}, known is ${formatVersion}` };
  return { state: { maxEpoch, groups, fleet } };
}

/** A moment by both clocks: the wall clock goes on while a machine sleeps, the monotonic one is never put back. */
export type Moment = { readonly wallMs: number; readonly monotonicMs: number };

/** How long ago that was, by the clock that saw more of it. */
export function ageMs(since: Moment, now: Moment): number {
  return Math.max(now.wallMs - since.wallMs, now.monotonicMs - since.monotonicMs);
}

/** The moment of a wall clock's time that may lie before this process began. */
export function momentOf(wallMs: number, now: Moment): Moment {
  return { wallMs, monotonicMs: now.monotonicMs - Math.max(0, now.wallMs - wallMs) };
}

/** Chooses what to apply of a group at start: all while it is fresh, no owned server when it is older than `ageMaxMs`. */
export function usableTarget(kept: KeptGroup, ageMaxMs: number, nowMs: number): GroupTarget {
  const { target } = kept;
  return nowMs - kept.confirmedAtMs <= ageMaxMs ? target : agedTarget(target);
}

/** What of a target is served that is too old. */
export function agedTarget(target: GroupTarget): GroupTarget {
  // An empty hash never equals a coordinator's, so its next snapshot is applied whole.
  return { ...target, hash: '', body: withoutOwned(target.body) };
}
