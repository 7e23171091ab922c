// The server's half of the MySQL client/server protocol, as far as a stand-in needs it: packets of protocol 41 with
// EOF packets, text results, no TLS, no compression. Reading past the end of a packet throws RangeError: the session
// then drops the connection.
// @see https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html
import { createHash } from 'node:crypto';

export type SqlValue = string | number | null;
export type SqlRows = { readonly columns: readonly string[]; readonly rows: readonly (readonly SqlValue[])[] };

export type ClientReply = {
  readonly user: string;
  readonly token: Buffer;
  readonly database: string;
  readonly plugin: string;
};

const capability = {
  longPassword: 0x1,
  foundRows: 0x2,
  longFlag: 0x4,
  connectWithDatabase: 0x8,
  protocol41: 0x200,
  interactive: 0x400,
  transactions: 0x2000,
  secureConnection: 0x8000,
  multiResults: 0x20000,
  pluginAuth: 0x80000,
  connectAttributes: 0x100000,
  lengthCodedToken: 0x200000,
};
const serverCapabilities = Object.values(capability).reduce((sum, flag) => sum | flag, 0);
const autocommit = 2;
const utf8mb4 = 45;
const typeNumber = 8;
const typeText = 253;
export const nativePlugin = 'mysql_native_password';

/** Splits a byte stream into packets. A packet of 16 MB or more, which would need joining, throws RangeError. */
export class PacketSplitter {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): { readonly sequence: number; readonly payload: Buffer }[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const packets: { readonly sequence: number; readonly payload: Buffer }[] = [];
    while (this.#rest.length >= 4) {
      const length = this.#rest.readUIntLE(0, 3);
      if (length === 0xffffff) throw new RangeError('packet too large');
      if (this.#rest.length < 4 + length) break;
      packets.push({ sequence: this.#rest.readUInt8(3), payload: this.#rest.subarray(4, 4 + length) });
      this.#rest = this.#rest.subarray(4 + length);
    }
    return packets;
  }
}

/** Frames payloads as packets that follow each other from `sequence`. */
export function framePackets(sequence: number, payloads: readonly Buffer[]): Buffer {
  return Buffer.concat(
    payloads.flatMap((payload, index) => {
      const header = Buffer.alloc(4);
      header.writeUIntLE(payload.length, 0, 3);
      header.writeUInt8((sequence + index) & 0xff, 3);
      return [header, payload];
    }),
  );
}

/** The first packet of a connection. `scramble` is 20 bytes without a zero. */
export function greetingPayload(version: string, threadId: number, scramble: Buffer): Buffer {
  const middle = Buffer.alloc(19);
  middle.writeUInt16LE(serverCapabilities & 0xffff, 1);
  middle.writeUInt8(utf8mb4, 3);
  middle.writeUInt16LE(autocommit, 4);
  middle.writeUInt16LE(serverCapabilities >>> 16, 6);
  middle.writeUInt8(scramble.length + 1, 8);
  return Buffer.concat([
    Buffer.from([10]),
    zeroEnded(version),
    uint32(threadId),
    scramble.subarray(0, 8),
    middle,
    scramble.subarray(8),
    Buffer.from([0]),
    zeroEnded(nativePlugin),
  ]);
}

/** Asks a client that chose another plugin to answer with mysql_native_password. */
export function authSwitchPayload(scramble: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xfe]), zeroEnded(nativePlugin), scramble, Buffer.from([0])]);
}

/** Reads the client's answer to the greeting. @throws {RangeError} when it is cut short. */
export function parseClientReply(payload: Buffer): ClientReply {
  const flags = payload.readUInt32LE(0);
  const has = (flag: number): boolean => (flags & flag) !== 0;
  if (!has(capability.protocol41)) throw new RangeError('protocol too old');
  const reader = new PayloadReader(payload, 32);
  const user = reader.zeroEnded();
  const token = reader.bytes(reader.byte());
  const database = has(capability.connectWithDatabase) ? reader.zeroEnded() : '';
  const plugin = has(capability.pluginAuth) ? reader.zeroEnded() : nativePlugin;
  return { user, token, database, plugin };
}

/** Reads COM_CHANGE_USER after its command byte. @throws {RangeError} when it is cut short. */
export function parseChangeUser(payload: Buffer): ClientReply {
  const reader = new PayloadReader(payload, 0);
  const user = reader.zeroEnded();
  const token = reader.bytes(reader.byte());
  const database = reader.zeroEnded();
  if (reader.left < 3) return { user, token, database, plugin: nativePlugin };
  reader.bytes(2);
  return { user, token, database, plugin: reader.zeroEnded() };
}

/** Whether a token proves the password. @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_authentication_methods_native_password_authentication.html */
export function isPasswordProven(password: string, scramble: Buffer, token: Buffer): boolean {
  if (password === '' || token.length === 0) return password === '' && token.length === 0;
  const stage1 = sha1(Buffer.from(password));
  const mask = sha1(scramble, sha1(stage1));
  const expected = Buffer.from(stage1.map((byte, index) => byte ^ mask.readUInt8(index)));
  return expected.equals(token);
}

export function okPayload(): Buffer {
  return Buffer.from([0, 0, 0, autocommit, 0, 0, 0]);
}

export function errorPayload(code: number, state: string, message: string): Buffer {
  const head = Buffer.from([0xff, code & 0xff, code >> 8]);
  return Buffer.concat([head, Buffer.from(`#${state}${message}`)]);
}

/** The payloads of a text result. A column with a number in it is a BIGINT, any other is text. */
export function resultPayloads({ columns, rows }: SqlRows): Buffer[] {
  const definitions = columns.map((name, index) => {
    const isNumber = rows.some((row) => typeof row[index] === 'number');
    return columnPayload(name, isNumber ? typeNumber : typeText);
  });
  const texts = rows.map((row) =>
    Buffer.concat(row.map((value) => (value === null ? Buffer.from([0xfb]) : lengthCoded(String(value))))),
  );
  return [lengthCodedNumber(columns.length), ...definitions, endPayload(), ...texts, endPayload()];
}

function columnPayload(name: string, type: number): Buffer {
  const tail = Buffer.alloc(13);
  tail.writeUInt8(12, 0);
  tail.writeUInt16LE(utf8mb4, 1);
  tail.writeUInt32LE(1024, 3);
  tail.writeUInt8(type, 7);
  const empty = lengthCoded('');
  return Buffer.concat([lengthCoded('def'), empty, empty, empty, lengthCoded(name), lengthCoded(name), tail]);
}

function endPayload(): Buffer {
  return Buffer.from([0xfe, 0, 0, autocommit, 0]);
}

class PayloadReader {
  readonly #payload: Buffer;
  #offset: number;

  constructor(payload: Buffer, offset: number) {
    this.#payload = payload;
    this.#offset = offset;
  }

  get left(): number {
    return this.#payload.length - this.#offset;
  }

  byte(): number {
    return this.bytes(1).readUInt8(0);
  }

  bytes(length: number): Buffer {
    if (length > this.left) throw new RangeError('packet cut short');
    this.#offset += length;
    return this.#payload.subarray(this.#offset - length, this.#offset);
  }

  /** Text up to a zero byte, or to the end where some clients leave the zero out. */
  zeroEnded(): string {
    const end = this.#payload.indexOf(0, this.#offset);
    const text = this.bytes((end === -1 ? this.#payload.length : end) - this.#offset).toString();
    if (end !== -1) this.#offset += 1;
    return text;
  }
}

function lengthCoded(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([lengthCodedNumber(bytes.length), bytes]);
}

function lengthCodedNumber(value: number): Buffer {
  if (value < 251) return Buffer.from([value]);
  const isShort = value < 0x10000;
  const bytes = Buffer.alloc(isShort ? 3 : 4);
  bytes.writeUInt8(isShort ? 0xfc : 0xfd, 0);
  bytes.writeUIntLE(value, 1, isShort ? 2 : 3);
  return bytes;
}

function zeroEnded(text: string): Buffer {
  return Buffer.concat([Buffer.from(text), Buffer.from([0])]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}

function sha1(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
