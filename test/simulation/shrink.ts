import { type Life, live } from './life.ts';

export type ShrinkOptions = {
  /** At most so many lives. */
  readonly triesMax: number;
};

/** Leaves out faults for as long as the same rule still breaks, so that what remains is the story of the failure. */
export async function shrink(failed: Life, { triesMax }: ShrinkOptions): Promise<Life> {
  let shortest = failed;
  let tries = 0;
  const without = new Set<string>();
  for (let size = failed.faults.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (const chunk of chunks(shortest, size)) {
      if (tries >= triesMax) return shortest;
      tries += 1;
      const fewer = new Set([...without, ...chunk]);
      const life = await live(failed.seed, { without: fewer });
      if (life.violation?.rule !== failed.violation?.rule) continue;
      for (const id of chunk) without.add(id);
      shortest = life;
    }
  }
  return shortest;
}

function chunks({ faults }: Life, size: number): string[][] {
  const ids = faults.map(({ id }) => id);
  const cut: string[][] = [];
  for (let index = 0; index < ids.length; index += size) cut.push(ids.slice(index, index + size));
  return cut;
}
