import type { CoordinatorProcess } from './coordinator-process.ts';
import type { Random } from './random.ts';

/** Where a coordinator runs, one life after the other; the cell is empty where nobody named one. */
export type Seat = { readonly cell: string; holder: CoordinatorProcess | null };

/** One coordinator; or two that share a cell; or one in each of two cells. */
export function seatsOf(random: Random): readonly Seat[] {
  const cells = random.pick([[''], [''], ['', ''], ['', ''], ['east', 'west']]);
  return cells.map((cell) => ({ cell, holder: null }));
}

/** Pods are spread over the cells; where nobody named one they say what an agent says by default. */
export function cellOfPod(seats: readonly Seat[], index: number): string {
  const cell = seats[index % seats.length]?.cell ?? '';
  return cell === '' ? 'default' : cell;
}

/** One of those that are ready, if any is. */
export function pickReady(seats: readonly Seat[], random: Random): CoordinatorProcess | null {
  const ready = seats.flatMap(({ holder }) => (holder?.isReady === true && holder.process.isAlive ? [holder] : []));
  return ready.length === 0 ? null : random.pick(ready);
}

/** Any coordinator that an agent of the cell reaches. */
export function pickAlive(seats: readonly Seat[], cell: string, random: Random): CoordinatorProcess | null {
  const alive = seats.flatMap((seat) => {
    const isReached = seat.cell === '' || seat.cell === cell;
    return isReached && seat.holder?.process.isAlive === true ? [seat.holder] : [];
  });
  return alive.length === 0 ? null : random.pick(alive);
}
