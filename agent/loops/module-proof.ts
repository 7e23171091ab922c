import type { Clock } from '../../process/clock.ts';
import type { Failure } from '../core/messages.ts';
import type { Module } from '../core/table.ts';
import type { ModuleAdmin } from '../ports.ts';

/** How one module of one group, or of `fleet:NAME`, stands. */
export type SideOutcome = {
  /** Memory and runtime are both as wanted. */
  readonly isSettled: boolean;
  /** Why not. A permanent one ends the update: the same rows are not tried again. */
  readonly failure: (Failure & { readonly isPermanent: boolean }) | null;
  /** Something was written in this run. */
  readonly hasChanged: boolean;
  /** Of a group in shadow: what would be written, in words. */
  readonly differences?: readonly string[];
};

/** By group. */
export type SideOutcomes = ReadonlyMap<string, SideOutcome>;

export const settled: SideOutcome = { isSettled: true, failure: null, hasChanged: false };

/** What was found is not asked for again within this time. */
const freshMs = 1000;
/** Counters and checksums can be switched off in ProxySQL, so they are not believed for ever. */
const trustMs = 600_000;

type Proof = {
  /** What each group wanted, as text. */
  readonly texts: ReadonlyMap<string, string>;
  readonly outcomes: SideOutcomes;
  readonly fingerprint: string;
  readonly provenAtMs: number;
  askedAtMs: number;
};

/** What the last look at one module proved, so that the next one can be cheap: counters and checksums say if it changed. */
export class ModuleProof {
  readonly #modules: Pick<ModuleAdmin, 'readLoads' | 'readMemoryChecksum'>;
  readonly #clock: Clock;
  readonly #module: Module;
  readonly #settledMs: number;
  #proof: Proof | null = null;

  /** @param settledMs For how long what was found to be as wanted is not asked for again. */
  constructor(deps: { readonly modules: ModuleAdmin; readonly clock: Clock }, module: Module, settledMs = freshMs) {
    this.#modules = deps.modules;
    this.#clock = deps.clock;
    this.#module = module;
    this.#settledMs = settledMs;
  }

  forget(): void {
    this.#proof = null;
  }

  /** Reads what changes with every LOAD and with every edit in memory. To be read before what it vouches for. */
  async readFingerprint(): Promise<string> {
    const loads = (await this.#modules.readLoads()).get(this.#module) ?? '';
    return `${loads} ${await this.#modules.readMemoryChecksum(this.#module)}`;
  }

  note(texts: Proof['texts'], outcomes: SideOutcomes, fingerprint: string): void {
    const nowMs = this.#clock.monotonicMs();
    const quiet = new Map([...outcomes].map(([group, outcome]) => [group, { ...outcome, hasChanged: false }]));
    this.#proof = { texts, outcomes: quiet, fingerprint, provenAtMs: nowMs, askedAtMs: nowMs };
  }

  /** Whether this was proven for the group before. */
  isProven(group: string, text: string): boolean {
    return this.#proof?.texts.get(group) === text && this.#proof.outcomes.get(group)?.isSettled === true;
  }

  /** What is known of these wishes, or `null` when it has to be looked at. */
  async recall(texts: Proof['texts']): Promise<SideOutcomes | null> {
    const proof = this.#proof;
    if (proof === null || !isSame(proof.texts, texts)) return null;
    const nowMs = this.#clock.monotonicMs();
    const isSettled = [...proof.outcomes.values()].every((outcome) => outcome.isSettled);
    if (nowMs - proof.askedAtMs < (isSettled ? this.#settledMs : freshMs)) return proof.outcomes;
    if (nowMs - proof.provenAtMs >= trustMs) return null;
    if ((await this.readFingerprint()) !== proof.fingerprint) return null;
    proof.askedAtMs = nowMs;
    return proof.outcomes;
  }
}

function isSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([group, text]) => other.get(group) === text);
}
