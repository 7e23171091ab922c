import type { Http2Stream } from 'node:http2';

/**
 * What grpc-js keeps below a call: its HTTP/2 stream, and how far it has read that. Only of a version that keeps it where
 * we look for it; a test says when that changes.
 */
export type BelowCall = {
  readonly stream: Http2Stream;
  /** What grpc-js has read and not given to the call. */
  readonly readQueue: readonly unknown[];
  /** `readState` 0: it stands between two messages. */
  readonly decoder: { readonly readState: number };
  readonly incomingEncoding: string;
  /** The call waits for the next message, or for the end. */
  readonly isReadPending: boolean;
};

/** Looks below a call, and below what may look into it on the way. Null: it is not as we know it. */
export function belowCall(call: object): BelowCall | null {
  let below: unknown = (call as { readonly call?: unknown }).call;
  for (let depth = 0; depth < 5 && typeof below === 'object' && below !== null; depth += 1) {
    if ('stream' in below) return isBelowCall(below) ? below : null;
    below = 'nextCall' in below ? below.nextCall : null;
  }
  return null;
}

/** Whether grpc-js holds nothing of the messages that came, and takes them as they are. */
export function isBetweenMessages({ readQueue, decoder, isReadPending, incomingEncoding }: BelowCall): boolean {
  return readQueue.length === 0 && decoder.readState === 0 && isReadPending && incomingEncoding === 'identity';
}

function isBelowCall(below: object): below is BelowCall {
  const { stream, readQueue, decoder, incomingEncoding } = below as Partial<BelowCall>;
  if (typeof stream !== 'object' || !('session' in stream) || !('respond' in stream)) return false;
  return Array.isArray(readQueue) && typeof decoder?.readState === 'number' && typeof incomingEncoding === 'string';
}
