import type { ServiceError } from '@grpc/grpc-js';
import { backoffDelayMs } from '../process/backoff.ts';
import { sleep, systemClock } from '../process/clock.ts';
import type { Event__Output } from '../proto/gen/chester/v1/Event.ts';
import type { WatchEventsRequest } from '../proto/gen/chester/v1/WatchEventsRequest.ts';
import type { AdminClient } from './admin-client.ts';
import { openClient } from './call.ts';
import { CliError } from './errors.ts';
import type { CallSettings } from './settings.ts';

/** Which events are wanted. */
export type EventQuery = {
  /** Empty: of all groups. */
  readonly group: string;
  /** Those after this one; null: those from now on. */
  readonly afterSequence: number | null;
};

export type EventTailDeps = {
  readonly settings: CallSettings;
  readonly onEvent: (event: Event__Output) => void;
  /** Says once that the coordinator is gone; the tail goes on trying. */
  readonly onLost: () => void;
  /** Says that events in between are no longer kept; the tail goes on with the oldest that is. */
  readonly onGap: (message: string) => void;
  /** Ends the tail. */
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
};

const backoff = { baseMs: 250, maxMs: 5000 };

/**
 * Follows events until it is told to stop, through restarts of the coordinator: each event once, in order. Each attempt
 * starts with a short call that has a deadline, because an open stream without events tells nothing.
 *
 * @throws {CliError} when the coordinator cannot be reached at first, or refuses.
 */
export async function followEvents(deps: EventTailDeps, query: EventQuery): Promise<void> {
  const { signal } = deps;
  const startedAtMs = deps.nowMs();
  let { afterSequence } = query;
  let attempt = 0;
  let isFirst = true;
  const onEvent = (event: Event__Output) => {
    attempt = 0;
    afterSequence = event.sequence;
    // Without a number to go on from, a later stream begins with everything kept.
    if (query.afterSequence !== null || event.atMs >= startedAtMs) deps.onEvent(event);
  };
  const isStopped = () => signal.aborted;
  while (!isStopped()) {
    const { wasOpen, failure } = await followOnce({ ...deps, onEvent }, request(query.group, afterSequence, isFirst));
    if (isStopped()) return;
    if (failure.code === 'GONE' && afterSequence !== null && afterSequence !== 0) {
      deps.onGap(failure.message);
      afterSequence = 0;
      continue;
    }
    const isFinal = failure.code !== 'UNREACHABLE' && failure.code !== 'FAILED';
    if (isFinal || (isFirst && !wasOpen)) throw failure;
    if (wasOpen) deps.onLost();
    isFirst = false;
    await sleep(systemClock, backoffDelayMs(backoff, attempt++), signal);
  }
}

/** What happens while the coordinator is away would be lost if a second stream, too, began with what is new. */
function request(group: string, afterSequence: number | null, isFirst: boolean): WatchEventsRequest {
  if (afterSequence !== null) return { group, afterSequence };
  return { group, newOnly: isFirst };
}

type StreamEnd = { readonly wasOpen: boolean; readonly failure: CliError };

/** Follows one stream to its end, and says why it ended. */
async function followOnce(
  { settings, signal, onEvent }: EventTailDeps,
  wanted: WatchEventsRequest,
): Promise<StreamEnd> {
  const client = await openClient(settings);
  try {
    await client.listFleets();
    return { wasOpen: true, failure: await readStream(client, wanted, { signal, onEvent }) };
  } catch (error) {
    if (error instanceof CliError) return { wasOpen: false, failure: error };
    throw error;
  } finally {
    client.close();
  }
}

function readStream(
  client: AdminClient,
  wanted: WatchEventsRequest,
  { signal, onEvent }: Pick<EventTailDeps, 'signal' | 'onEvent'>,
): Promise<CliError> {
  return new Promise((resolve) => {
    const call = client.watchEvents(wanted);
    const cancel = () => {
      call.cancel();
    };
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
    call.on('data', onEvent);
    call.on('end', () => {
      end(new CliError('UNREACHABLE', 'the coordinator ended the stream'));
    });
    call.on('error', (error: ServiceError) => {
      end(client.failure(error));
    });
    function end(failure: CliError): void {
      signal.removeEventListener('abort', cancel);
      resolve(failure);
    }
  });
}
