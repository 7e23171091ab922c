/** Numbers as protobuf writes them: seven bits a byte, the lowest first. */

/** Of 64 bits. */
const varintBytesMax = 10;

/** Where a number ends; -1 when it is cut off or too long. */
export function varintEnd(bytes: Buffer, at: number, end: number): number {
  const last = at + varintBytesMax < end ? at + varintBytesMax : end;
  for (let next = at; next < last; next += 1) if ((bytes[next] ?? 0) < 0x80) return next + 1;
  return -1;
}

/** Reads a number that was seen to end; beyond 2^53 it is not exact. */
export function readVarint(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  return first < 0x80 ? first : readLongVarint(bytes, at);
}

function readLongVarint(bytes: Buffer, at: number): number {
  let value = 0;
  let factor = 1;
  for (let next = at; ; next += 1) {
    const byte = bytes[next] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
    factor *= 128;
  }
}
