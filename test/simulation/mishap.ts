import type { Random } from './random.ts';
import type { World } from './world.ts';

/** Something that goes wrong in the world, at a time that the seed chose. */
export type Mishap = {
  /** How often it is chosen, beside the others; 0: only at its moment. */
  readonly weight: number;
  readonly kind: string;
  /** `about`: the replica that it should meet, if it meets one. */
  readonly happen: (world: World, random: Random, about?: string) => void;
};

/** Switches something on, and off again after at most `mostMs`. */
export function forAWhile({ scheduler }: World, random: Random, mostMs: number, set: (isOn: boolean) => void): void {
  set(true);
  scheduler.after(random.int(1000, mostMs), () => {
    set(false);
  });
}

/** Picks a replica of ours that runs; none: nothing happens. */
export function pickReplica(
  { cloud }: World,
  random: Random,
  about?: string,
): { readonly name: string; readonly address: string } | null {
  const owned = [...cloud.instances.values()].flatMap(({ isCreated, state, address, name }) =>
    isCreated && state === 'RUNNABLE' && address !== null ? [{ name, address }] : [],
  );
  if (owned.length === 0) return null;
  return owned.find(({ name }) => name === about) ?? random.pick(owned);
}
