import { status as grpcStatus } from '@grpc/grpc-js';
import type { AgentMessage__Output } from '../../proto/gen/chester/v1/AgentMessage.ts';
import { type AgentCall, endCall } from './agent-stream.ts';
import { decodeAgentMessage, frameBytes } from './coordinator-bytes.ts';
import { belowCall, isBetweenMessages } from './grpc-below.ts';

/** As long as grpc-js takes them. */
const messageBytesMax = 4 * 1024 * 1024;
const nothing = Buffer.alloc(0);

/**
 * Reads an agent's messages. grpc-js takes each through two queues, a promise and a pause of the stream, which is half of
 * what an answer costs; so messages are read from the HTTP/2 stream below it, from the first moment in which grpc-js holds
 * nothing of them. That the agent ends its side, or goes away, is still told by the call.
 */
export class StreamIntake {
  readonly #call: AgentCall;
  readonly #receive: (message: AgentMessage__Output) => void;
  /** Of a message that is not complete. */
  #parts: Buffer[] = [];
  #partBytes = 0;
  /** How many bytes the message has that is coming, with its prefix; 0 while that is unknown. */
  #wanted = 0;
  #isDirect = false;
  #isOver = false;

  /** @param call One that was paused after its first message. What comes that is no message ends it. */
  constructor(call: AgentCall, receive: (message: AgentMessage__Output) => void) {
    this.#call = call;
    this.#receive = receive;
    call.on('data', this.#takeFromCall);
    call.resume();
    this.#tryBelow();
  }

  /** Whether messages are read below grpc-js. */
  get isDirect(): boolean {
    return this.#isDirect;
  }

  readonly #takeFromCall = (message: AgentMessage__Output): void => {
    this.#receive(message);
    this.#tryBelow();
  };

  /** What the call has waiting comes first, and it is given that after this turn. */
  #tryBelow(): void {
    const below = belowCall(this.#call);
    if (below === null) return;
    setImmediate(() => {
      if (this.#isDirect || this.#isOver) return;
      const { readableLength, readableEnded, cancelled } = this.#call;
      if (readableLength > 0 || readableEnded || cancelled || this.#call.isPaused()) return;
      const { stream } = below;
      const [listener, other] = stream.listeners('data');
      if (listener === undefined || other !== undefined || !isBetweenMessages(below)) return;
      this.#isDirect = true;
      stream.off('data', listener as (chunk: Buffer) => void);
      stream.on('data', this.#takeBytes);
      stream.resume();
    });
  }

  readonly #takeBytes = (chunk: Buffer): void => {
    let rest = this.#call.cancelled ? nothing : chunk;
    while (rest.length > 0) rest = this.#takeSome(rest);
  };

  /** Takes up to one message; returns what is left. Most often a chunk is one message. */
  #takeSome(bytes: Buffer): Buffer {
    if (this.#isOver) return nothing;
    if (this.#partBytes === 0 && bytes.length >= frameBytes) {
      const end = frameBytes + bytes.readUInt32BE(1);
      if (end <= bytes.length) {
        this.#take(bytes.subarray(0, end));
        return bytes.subarray(end);
      }
    }
    const size = this.#wanted === 0 ? frameBytes : this.#wanted;
    const part = bytes.subarray(0, size - this.#partBytes);
    this.#parts.push(part);
    this.#partBytes += part.length;
    if (this.#partBytes === size) this.#joinParts();
    return bytes.subarray(part.length);
  }

  #joinParts(): void {
    const joined = Buffer.concat(this.#parts);
    if (this.#wanted === 0) {
      const length = joined.readUInt32BE(1);
      if (length > messageBytesMax) {
        const details = `a message has ${length} bytes; allowed: at most ${messageBytesMax}`;
        this.#end(grpcStatus.RESOURCE_EXHAUSTED, details);
        return;
      }
      this.#parts = [joined];
      this.#wanted = frameBytes + length;
      if (length > 0) return;
    }
    this.#parts = [];
    this.#partBytes = 0;
    this.#wanted = 0;
    this.#take(joined);
  }

  #take(frame: Buffer): void {
    if (frame[0] !== 0) {
      this.#end(grpcStatus.INTERNAL, 'a message is compressed, and the call did not say how');
      return;
    }
    let message: AgentMessage__Output;
    try {
      message = decodeAgentMessage(frame.subarray(frameBytes));
    } catch {
      this.#end(grpcStatus.INVALID_ARGUMENT, 'what came is no AgentMessage');
      return;
    }
    this.#receive(message);
  }

  #end(code: grpcStatus, details: string): void {
    this.#isOver = true;
    this.#parts = [];
    endCall(this.#call, code, details);
  }
}
