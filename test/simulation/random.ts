/** A number in [0, 1) that only the seed and the text decide: what else happens in a run does not move it. */
function chanceOf(seed: number, text: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix(hash) / 2 ** 32;
}

/** What the seed decides about the calls of one process to one port, by their number. */
export class Fates {
  readonly #base: number;

  constructor(seed: number, name: string) {
    this.#base = Math.floor(chanceOf(seed, name) * 2 ** 32);
  }

  /** In [0, 1). */
  draw(count: number, about: number): number {
    return mix(this.#base ^ Math.imul(count, 0x9e3779b1) ^ Math.imul(about, 0x7feb352d)) / 2 ** 32;
  }
}

/** Numbers that a seed decides, one after the other. */
export class Random {
  #state: number;

  constructor(seed: number, purpose: string) {
    this.#state = Math.floor(chanceOf(seed, purpose) * 2 ** 32);
  }

  /** In [0, 1). */
  readonly next = (): number => {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return mix(this.#state) / 2 ** 32;
  };

  /** A whole number, both ends included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[Math.floor(this.next() * values.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  }
}

function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
