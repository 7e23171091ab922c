import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

const endSignature = 0x06_05_4b_50;
const entrySignature = 0x02_01_4b_50;
const endBytes = 22;
const commentBytesMax = 65_535;

/**
 * Reads one file of a zip archive that is below 4 GB, as npm packages carry them.
 *
 * @throws {Error} when the archive has no such file, or is no such archive.
 */
export function readZipEntry(archive: string, name: string): Buffer {
  const file = openSync(archive, 'r');
  try {
    const read = (position: number, length: number) => {
      const bytes = Buffer.alloc(length);
      let done = 0;
      while (done < length) {
        const got = readSync(file, bytes, done, length - done, position + done);
        if (got === 0) throw new Error(`${archive} ends too early`);
        done += got;
      }
      return bytes;
    };
    const { size } = fstatSync(file);
    const entry = findEntry(readDirectory(read, size, archive), name);
    if (entry === null) throw new Error(`${archive} has no ${name}`);
    // The local header has a name and an extra field of its own lengths before the bytes.
    const local = read(entry.offset, 30);
    const start = entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
    const bytes = read(start, entry.compressedSize);
    return entry.method === 0 ? bytes : inflateRawSync(bytes);
  } finally {
    closeSync(file);
  }
}

type Read = (position: number, length: number) => Buffer;

function readDirectory(read: Read, size: number, archive: string): Buffer {
  const tailStart = Math.max(0, size - endBytes - commentBytesMax);
  const tail = read(tailStart, size - tailStart);
  for (let at = tail.length - endBytes; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) === endSignature) return read(tail.readUInt32LE(at + 16), tail.readUInt32LE(at + 12));
  }
  throw new Error(`${archive} is no zip archive`);
}

type Entry = { readonly method: number; readonly compressedSize: number; readonly offset: number };

function findEntry(directory: Buffer, wanted: string): Entry | null {
  let at = 0;
  while (at + 46 <= directory.length && directory.readUInt32LE(at) === entrySignature) {
    const nameBytes = directory.readUInt16LE(at + 28);
    const name = directory.toString('utf8', at + 46, at + 46 + nameBytes);
    if (name === wanted) {
      return {
        method: directory.readUInt16LE(at + 10),
        compressedSize: directory.readUInt32LE(at + 20),
        offset: directory.readUInt32LE(at + 42),
      };
    }
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return null;
}
