/** MySQL's packets: three bytes of length, one of sequence, and the payload; one of the longest goes on in the next. */
const headerBytes = 4;
const payloadMax = 0xffffff;
const queryCommand = 3;

/** Renders a statement as the packets of a text query. */
export function renderQuery(statement: string): Buffer {
  const length = 1 + Buffer.byteLength(statement);
  if (length < payloadMax) {
    const packet = Buffer.allocUnsafe(headerBytes + length);
    writeHeader(packet, length, 0);
    packet[headerBytes] = queryCommand;
    packet.write(statement, headerBytes + 1);
    return packet;
  }
  const payload = Buffer.concat([Buffer.from([queryCommand]), Buffer.from(statement)]);
  const parts: Buffer[] = [];
  // A payload that fills its last packet ends with an empty one.
  for (let at = 0; at <= length; at += payloadMax) {
    const part = payload.subarray(at, at + payloadMax);
    const header = Buffer.allocUnsafe(headerBytes);
    writeHeader(header, part.length, parts.length / 2);
    parts.push(header, part);
  }
  return Buffer.concat(parts);
}

function writeHeader(packet: Buffer, length: number, sequence: number): void {
  packet.writeUIntLE(length, 0, 3);
  packet[3] = sequence & 0xff;
}

/** Cuts what arrives into payloads. */
export class AdminPackets {
  readonly #take: (payload: Buffer) => void;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** How many bytes have to be there before another packet is whole. */
  #wanted = headerBytes;
  #parts: Buffer[] = [];

  constructor(take: (payload: Buffer) => void) {
    this.#take = take;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#wanted) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    let at = 0;
    this.#wanted = headerBytes;
    while (bytes.length - at >= headerBytes) {
      const length = bytes.readUIntLE(at, 3);
      const end = at + headerBytes + length;
      if (end > bytes.length) {
        this.#wanted = headerBytes + length;
        break;
      }
      this.#takePart(bytes.subarray(at + headerBytes, end), length);
      at = end;
    }
    this.#chunks = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#bytes = bytes.length - at;
  }

  #takePart(part: Buffer, length: number): void {
    if (length === payloadMax) {
      this.#parts.push(part);
      return;
    }
    const payload = this.#parts.length === 0 ? part : Buffer.concat([...this.#parts, part]);
    this.#parts = [];
    this.#take(payload);
  }
}
