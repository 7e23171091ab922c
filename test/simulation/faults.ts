import { chanceOf } from './random.ts';

/** What becomes of one call to a port. */
export type CallFault =
  'failBefore' | 'failAfter' | 'crashBefore' | 'crashAfter' | 'freezeBefore' | 'freezeAfter' | 'slow' | 'late';

const kinds: readonly CallFault[] = [
  'failBefore',
  'failBefore',
  'failAfter',
  'failAfter',
  'crashBefore',
  'crashAfter',
  'freezeBefore',
  'freezeAfter',
  'slow',
  'late',
];

export type FaultOptions = {
  readonly seed: number;
  /** Of all calls, those that go wrong, by the kind of process. */
  readonly rate: number;
  readonly untilMs: number;
  /** Faults that a shrunken run leaves out. */
  readonly without: ReadonlySet<string>;
};

export type FiredFault = { readonly id: string; readonly kind: string; readonly atMs: number };

/**
 * Decides which calls go wrong. The n-th call of a process to a port has its fate from the seed alone, so that leaving
 * one fault out moves no other.
 */
export class Faults {
  readonly fired: FiredFault[] = [];
  readonly #options: FaultOptions;
  readonly #calls = new Map<string, number>();
  readonly #fires: (fault: FiredFault) => void;

  constructor(options: FaultOptions, fires: (fault: FiredFault) => void) {
    this.#options = options;
    this.#fires = fires;
  }

  /** The id of a process's next call to a port; and what becomes of it. */
  next(process: string, port: string, nowMs: number): { readonly id: string; readonly fault: CallFault | null } {
    const name = `${process} ${port}`;
    const count = (this.#calls.get(name) ?? 0) + 1;
    this.#calls.set(name, count);
    const id = `${name} #${count}`;
    const { seed, rate, untilMs, without } = this.#options;
    if (nowMs >= untilMs || chanceOf(seed, id) >= rate || without.has(id)) return { id, fault: null };
    const fault = kinds[Math.floor(chanceOf(seed, `${id} kind`) * kinds.length)] ?? 'slow';
    this.note(id, fault, nowMs);
    return { id, fault };
  }

  /** Whether a planned event of the world happens. */
  isLeftOut(id: string): boolean {
    return this.#options.without.has(id);
  }

  note(id: string, kind: string, atMs: number): void {
    const fault = { id, kind, atMs };
    this.fired.push(fault);
    this.#fires(fault);
  }

  /** A number in [0, 1) for something about a call, from the seed alone. */
  draw(id: string, about: string): number {
    return chanceOf(this.#options.seed, `${id} ${about}`);
  }
}
