import type { Http2Stream } from 'node:http2';
import { Metadata } from '@grpc/grpc-js';
import type { AgentCall } from './agent-stream.ts';
import { frameBytes } from './coordinator-bytes.ts';
import { belowCall } from './grpc-below.ts';

/**
 * Where a stream's frames go. grpc-js copies each message for each stream, 320 MB for a snapshot of 32 KB and ten thousand
 * agents, so frames are written to the HTTP/2 stream below it: the same bytes to all, and a third less of CPU. Everything
 * goes the same way, or it would overtake; grpc-js sends what ends the call, behind it. Where grpc-js keeps the stream
 * elsewhere, as a later version may, it is given the messages.
 */
export class StreamOutlet {
  readonly #call: AgentCall;
  readonly #stream: Http2Stream | null;

  constructor(call: AgentCall) {
    this.#call = call;
    this.#stream = belowCall(call)?.stream ?? null;
    if (this.#stream !== null) call.sendMetadata(new Metadata());
  }

  /** Whether frames go to the HTTP/2 stream. */
  get isDirect(): boolean {
    return this.#stream !== null;
  }

  /** Whether something that was sent waits for the agent to read. */
  get hasUnread(): boolean {
    return (this.#stream ?? this.#call).writableLength > 0;
  }

  send(frame: Buffer): void {
    if (this.#call.writableEnded || this.#call.cancelled) return;
    if (this.#stream === null) this.#call.write(frame.subarray(frameBytes));
    else if (!this.#stream.destroyed && !this.#stream.closed) this.#stream.write(frame);
  }
}
