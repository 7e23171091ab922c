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

/** The last of what goes wrong outside calls comes so much later than what goes wrong in them. */
export const calmAfterMs = 45_000;

const abouts = { fault: 1, kind: 2, latency: 3, slow: 4, late: 5, freeze: 6 } as const;
type DrawnOf = keyof typeof abouts;

/** What becomes of one call, and a number in [0, 1) for each thing about it, from the seed alone. */
export type Fate = {
  readonly fault: CallFault | null;
  /** Nothing goes wrong any more, so it shows nothing that a call takes a moment, and costs. */
  readonly isCalm: boolean;
  readonly draw: (about: DrawnOf) => number;
};

/** The calls of one process to one port. */
type Calls = { readonly name: string; readonly fates: Fates; count: number };

export type FiredFault = { readonly id: string; readonly kind: string; readonly atMs: number };

/**
 * Decides which calls go wrong. The n-th call of a process to a port has its fate from the seed alone, so that leaving
 * one fault out moves no other.
 */
export class Faults {
  readonly fired: FiredFault[] = [];
  readonly #options: FaultOptions;
  /** By process, then by port. */
  readonly #calls = new Map<string, Map<string, Calls>>();
  readonly #fires: (fault: FiredFault) => void;

  constructor(options: FaultOptions, fires: (fault: FiredFault) => void) {
    this.#options = options;
    this.#fires = fires;
  }

  /** What becomes of a process's next call to a port. */
  next(process: string, port: string, nowMs: number): Fate {
    const { rate, untilMs, without } = this.#options;
    const calls = this.#callsOf(process, port);
    const { fates, name } = calls;
    const count = (calls.count += 1);
    const draw = (about: DrawnOf): number => fates.draw(count, abouts[about]);
    const isCalm = nowMs >= untilMs + calmAfterMs;
    if (nowMs >= untilMs || draw('fault') >= rate || without.has(`${name} #${count}`))
      return { fault: null, isCalm, draw };
    const fault = kinds[Math.floor(draw('kind') * kinds.length)] ?? 'slow';
    this.note(`${name} #${count}`, fault, nowMs);
    return { fault, isCalm, draw };
  }

  #callsOf(process: string, port: string): Calls {
    let ports = this.#calls.get(process);
    if (ports === undefined) this.#calls.set(process, (ports = new Map<string, Calls>()));
    let calls = ports.get(port);
    if (calls === undefined) {
      const name = `${process} ${port}`;
      ports.set(port, (calls = { name, fates: new Fates(this.#options.seed, name), count: 0 }));
    }
    return calls;
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
