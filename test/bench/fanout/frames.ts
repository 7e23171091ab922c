/**
 * HTTP/2 and gRPC as bytes made beforehand, and the little parsing that an agent needs which does nothing else: so that
 * ten thousand of them cost less than the server that is measured.
 *
 * @see https://httpwg.org/specs/rfc9113.html, https://httpwg.org/specs/rfc7541.html
 */

const frameHeaderBytes = 9;
const type = { data: 0, headers: 1, settings: 4, ping: 6, goaway: 7 } as const;
const flag = { ack: 1, endStream: 1, endHeaders: 4 } as const;
const windowMax = 0x7fff_ffff;

function frame(kind: number, flags: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(frameHeaderBytes);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(kind, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

/** A header that is not to be remembered, its name taken from HPACK's static table or spelled out. */
function field(name: number | string, value: string): Buffer {
  const text = (content: string): Buffer => Buffer.concat([Buffer.from([content.length]), Buffer.from(content)]);
  if (typeof name === 'number') return Buffer.concat([Buffer.from([name]), text(value)]);
  return Buffer.concat([Buffer.from([0]), text(name), text(value)]);
}

/** A gRPC message in one DATA frame of stream 1. */
export function dataFrame(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return frame(type.data, 0, 1, Buffer.concat([prefix, message]));
}

/** What a client says first: unlimited windows, and one call. */
export function openCall(path: string): Buffer {
  const settings = Buffer.alloc(6);
  settings.writeUInt16BE(4, 0); // SETTINGS_INITIAL_WINDOW_SIZE
  settings.writeUInt32BE(windowMax, 2);
  const window = Buffer.alloc(4);
  window.writeUInt32BE(windowMax - 65_535, 0);
  const headers = Buffer.concat([
    Buffer.from([0x80 | 3, 0x80 | 6]), // :method POST, :scheme http
    field(4, path),
    field(1, 'bench'),
    field('content-type', 'application/grpc'),
    field('te', 'trailers'),
  ]);
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    frame(type.settings, 0, 0, settings),
    frame(8, 0, 0, window),
    frame(type.headers, flag.endHeaders, 1, headers),
  ]);
}

const settingsAck = frame(type.settings, flag.ack, 0, Buffer.alloc(0));

export type FrameHandlers = {
  /** A whole gRPC message came; `start` holds at least its first 64 bytes, or all of it. */
  readonly message: (start: Buffer) => void;
  /** The call is over; after how long to come again, if that was said. */
  readonly ended: (retryAfterMs: number | null) => void;
  readonly reply: (bytes: Buffer) => void;
};

/** Reads what a server sends on one connection. */
export class FrameReader {
  readonly #handlers: FrameHandlers;
  #rest: Buffer | null = null;
  /** Of the gRPC message that is coming: its beginning, and how many bytes are missing. */
  #start: Buffer | null = null;
  #missing = 0;
  #cutPrefix: Buffer | null = null;

  constructor(handlers: FrameHandlers) {
    this.#handlers = handlers;
  }

  read(chunk: Buffer): void {
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= frameHeaderBytes) {
      const end = at + frameHeaderBytes + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      const [kind, flags] = [bytes.readUInt8(at + 3), bytes.readUInt8(at + 4)];
      this.#take(kind, flags, bytes.subarray(at + frameHeaderBytes, end));
      at = end;
    }
    this.#rest = at === bytes.length ? null : bytes.subarray(at);
  }

  #take(kind: number, flags: number, payload: Buffer): void {
    if (kind === type.data) this.#takeData(payload);
    else if (kind === type.settings && (flags & flag.ack) === 0) this.#handlers.reply(settingsAck);
    else if (kind === type.ping && (flags & flag.ack) === 0)
      this.#handlers.reply(frame(type.ping, flag.ack, 0, payload));
    else if (kind === type.headers && (flags & flag.endStream) !== 0) this.#handlers.ended(readLastNumber(payload));
    else if (kind === type.goaway) this.#handlers.ended(null);
  }

  #takeData(payload: Buffer): void {
    let rest = this.#cutPrefix === null ? payload : Buffer.concat([this.#cutPrefix, payload]);
    this.#cutPrefix = null;
    while (rest.length > 0) {
      if (this.#start === null && rest.length < 5) {
        this.#cutPrefix = rest;
        return;
      }
      if (this.#start === null) {
        this.#missing = rest.readUInt32BE(1);
        this.#start = rest.subarray(5, 5 + Math.min(this.#missing, rest.length - 5));
        rest = rest.subarray(5);
      }
      const taken = Math.min(this.#missing, rest.length);
      this.#missing -= taken;
      rest = rest.subarray(taken);
      if (this.#missing > 0) return;
      const start = this.#start;
      this.#start = null;
      this.#handlers.message(start);
    }
  }
}

/** The digits as HPACK's Huffman code has them. */
const digits = new Map(
  ['00000', '00001', '00010', '011001', '011010', '011011', '011100', '011101', '011110', '011111'].map(
    (bits, digit) => [bits, digit],
  ),
);

/** The last header of a block as a number, which is where a server says when to come again; null when it is none. */
function readLastNumber(block: Buffer): number | null {
  for (let length = 1; length <= 6 && length < block.length; length += 1) {
    if (block.at(-length - 1) !== (0x80 | length)) continue;
    let bits = '';
    for (const byte of block.subarray(-length)) bits += byte.toString(2).padStart(8, '0');
    const number = readDigits(bits);
    if (number !== null) return number;
  }
  return null;
}

function readDigits(bits: string): number | null {
  let [number, at, count] = [0, 0, 0];
  while (at < bits.length) {
    const size = [5, 6].find((one) => digits.has(bits.slice(at, at + one)));
    if (size === undefined) break;
    number = number * 10 + (digits.get(bits.slice(at, at + size)) ?? 0);
    at += size;
    count += 1;
  }
  const isPadding = /^1{0,7}$/.test(bits.slice(at));
  return count > 0 && isPadding ? number : null;
}
