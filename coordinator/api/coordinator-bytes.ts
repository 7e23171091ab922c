import type { ServiceDefinition } from '@grpc/grpc-js';
import type { CoordinatorMessage } from '../../proto/gen/chester/v1/CoordinatorMessage.ts';
import type { AgentMessage__Output } from '../../proto/gen/chester/v1/AgentMessage.ts';
import { loadChesterV1 } from '../../proto/load.ts';
import { readPlainAck } from './ack-bytes.ts';
import { readAgentMessage } from './report-bytes.ts';

/**
 * What a coordinator sends is encoded once and the same bytes go to all streams: encoding for each of ten thousand
 * streams would block the loop for most of the time that sending takes.
 */

type Encode = (message: CoordinatorMessage) => Buffer;

type Decode = (bytes: Buffer) => AgentMessage__Output;

let encode: Encode | null = null;
let decode: Decode | null = null;

/** The bytes before each message: that it is not compressed, and its length. */
export const frameBytes = 5;

/** Encodes a message, with what gRPC puts before it, for any number of streams. */
export function encodeFrame(message: CoordinatorMessage): Buffer {
  encode ??= loadChesterV1().AgentService.service.Connect.responseSerialize as Encode;
  const bytes = encode(message);
  const frame = Buffer.allocUnsafe(frameBytes + bytes.length);
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(bytes.length, 1);
  bytes.copy(frame, frameBytes);
  return frame;
}

/** Reads a message of an agent. @throws {Error} when the bytes are none. */
export function decodeAgentMessage(bytes: Buffer): AgentMessage__Output {
  decode ??= loadChesterV1().AgentService.service.Connect.requestDeserialize as Decode;
  return readPlainAck(bytes) ?? readAgentMessage(bytes, decode);
}

/** The agents' service, whose streams also take messages that are encoded already. */
export function agentServiceOfBytes(): ServiceDefinition {
  const { service } = loadChesterV1().AgentService;
  const { Connect } = service;
  const responseSerialize = (message: CoordinatorMessage | Buffer): Buffer =>
    Buffer.isBuffer(message) ? message : (Connect.responseSerialize as Encode)(message);
  return { ...service, Connect: { ...Connect, responseSerialize, requestDeserialize: decodeAgentMessage } };
}
