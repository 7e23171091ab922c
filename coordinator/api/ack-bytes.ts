import type { AgentMessage__Output } from '../../proto/gen/chester/v1/AgentMessage.ts';
import { readVarint, varintEnd } from './varint.ts';

const tag = { ack: 0x12, nonce: 0x0a, group: 0x12, revision: 0x18, status: 0x20, hash: 0x2a, micros: 0x30 } as const;
const applied = 1;
/** What is longer may be no exact number. */
const exactBytesMax = 7;

/** Where reading stands. */
type Place = { at: number; readonly bytes: Buffer };

/**
 * Reads what nearly every answer is: APPLIED, with nothing on its way out and no error, as every encoder writes it. Of ten
 * thousand answers to one change the decoder would take a third of the time. Null: it is anything else, or cut off.
 */
export function readPlainAck(bytes: Buffer): AgentMessage__Output | null {
  if (bytes[0] !== tag.ack) return null;
  const start = varintEnd(bytes, 1, bytes.length);
  if (start < 0 || start + readVarint(bytes, 1) !== bytes.length) return null;
  const place: Place = { at: start, bytes };
  const nonce = readText(place, tag.nonce);
  const group = readText(place, tag.group);
  const revision = readNumber(place, tag.revision);
  const status = readNumber(place, tag.status);
  const runtimeHash = readText(place, tag.hash);
  const applyMicros = readNumber(place, tag.micros);
  if (status !== applied || place.at !== bytes.length) return null;
  return {
    ack: {
      nonce,
      group,
      revision,
      status: 'ACK_STATUS_APPLIED',
      runtimeHash,
      applyMicros,
      removing: [],
      absent: [],
      error: null,
    },
  };
}

/** A field that is missing is empty, as everywhere in protobuf. One that is cut off leaves the place where it is. */
function readText(place: Place, expected: number): string {
  const { at, bytes } = place;
  if (bytes[at] !== expected) return '';
  const start = varintEnd(bytes, at + 1, bytes.length);
  if (start < 0) return '';
  const end = start + readVarint(bytes, at + 1);
  if (end > bytes.length) return '';
  place.at = end;
  return bytes.toString('utf8', start, end);
}

function readNumber(place: Place, expected: number): number {
  const { at, bytes } = place;
  if (bytes[at] !== expected) return 0;
  const end = varintEnd(bytes, at + 1, bytes.length);
  if (end < 0 || end - at - 1 > exactBytesMax) return 0;
  place.at = end;
  return readVarint(bytes, at + 1);
}
