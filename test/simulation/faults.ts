import { Fates } from './random.ts';

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

const abouts = { fault: 1, kind: 2, latency: 3, slow: 4, late: 5, freeze: 6 } as const;
type DrawnOf = keyof typeof abouts;

/** What becomes of one call, and a number in [0, 1) for each thing about it, from the seed alone. */
export type Fate = { readonly fault: CallFault | null; readonly draw: (about: DrawnOf) => number };

export type FiredFault = { readonly id: string; readonly kind: string; readonly atMs: number };

/**
 * Decides which calls go wrong. The n-th call of a process to a port has its fate from the seed alone, so that leaving
 * one fault out moves no other.
 */
export class Faults {
  readonly fired: FiredFault[] = [];
  readonly #options: FaultOptions;
  readonly #calls = new Map<string, { readonly fates: Fates; count: number }>();
  readonly #fires: (fault: FiredFault) => void;

  constructor(options: FaultOptions, fires: (fault: FiredFault) => void) {
    this.#options = options;
    this.#fires = fires;
  }

  /** What becomes of a process's next call to a port. */
  next(process: string, port: string, nowMs: number): Fate {
    const name = `${process} ${port}`;
    const { seed, rate, untilMs, without } = this.#options;
    let calls = this.#calls.get(name);
    if (calls === undefined) this.#calls.set(name, (calls = { fates: new Fates(seed, name), count: 0 }));
    const { fates } = calls;
    const count = (calls.count += 1);
    const draw = (about: DrawnOf): number => fates.draw(count, abouts[about]);
    if (nowMs >= untilMs || draw('fault') >= rate || without.has(`${name} #${count}`)) return { fault: null, draw };
    const fault = kinds[Math.floor(draw('kind') * kinds.length)] ?? 'slow';
    this.note(`${name} #${count}`, fault, nowMs);
    return { fault, draw };
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
}
