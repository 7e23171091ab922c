import { randomUUID } from 'node:crypto';

/**
 * Takes the `items` of a JSON object apart by its bytes, so that of a megabyte of which one item has changed only that
 * one is parsed. A JSON object tells by itself where it ends: bytes that begin with those of a known one hold just that
 * one. Whatever does not look as expected is left to a parser that reads all of it.
 */

/** An item, the bytes that it was read from, and what it was read as. */
export type Piece<T> = {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** By what an item is found again when it has changed. */
  readonly name: string;
  readonly value: T;
};

export type Pieces<T> = {
  readonly pieces: readonly Piece<T>[];
  /** Whether these are the very pieces that were known. */
  readonly isKnown: boolean;
  /** The object without its items. */
  readonly rest: unknown;
};

export type PieceReader<T> = {
  /** What a piece of JSON is; called for those that are not known only. */
  readonly read: (item: unknown, index: number) => { readonly name: string; readonly value: T };
  /** Whether what a piece was read as still holds where its bytes are the same. */
  readonly holds: (value: T) => boolean;
};

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d];
const itemsKey = Buffer.from('"items"');
/** Stands for all items where the rest of the object is parsed: no text has it by itself. */
const mark = randomUUID();
const placeholder = Buffer.from(JSON.stringify(mark));

/**
 * Null: this is no JSON object with a list of objects as `items`, or not plainly one. What `read` throws is thrown.
 */
export function splitItems<T>(text: Buffer, known: readonly Piece<T>[], reader: PieceReader<T>): Pieces<T> | null {
  const open = findItems(text);
  if (open === null) return null;
  const walk = walkItems(text, open + 1, { known, reader });
  if (walk === null) return null;
  const rest = parse(Buffer.concat([text.subarray(0, open + 1), placeholder, text.subarray(walk.end)]));
  // Of two lists of one name a parser takes the last.
  const { items, ...others } = (rest ?? {}) as { readonly items?: unknown };
  if (!Array.isArray(items) || items.length !== 1 || items[0] !== mark) return null;
  const isKnown = walk.fresh.length === 0 && walk.pieces.length === known.length;
  return { pieces: isKnown ? known : withOwnBytes(walk), isKnown, rest: others };
}

type Walk<T> = { readonly pieces: Piece<T>[]; readonly fresh: number[]; readonly end: number };

/** Reads from behind `[` to the `]` that belongs to it. */
function walkItems<T>(
  text: Buffer,
  from: number,
  { known, reader }: { readonly known: readonly Piece<T>[]; readonly reader: PieceReader<T> },
): Walk<T> | null {
  const pieces: Piece<T>[] = [];
  const fresh: number[] = [];
  let next = 0;
  let at = skipBlanks(text, from);
  if (text[at] === closeBracket) return { pieces, fresh, end: at };
  for (;;) {
    const same = known[next];
    if (same !== undefined && isAt(text, at, same) && reader.holds(same.value)) {
      pieces.push(same);
      next += 1;
      at += same.end - same.start;
    } else {
      const piece = readPiece(text, at, { index: pieces.length, reader });
      if (piece === null) return null;
      fresh.push(pieces.length);
      pieces.push(piece);
      next = following(known, piece.name, next);
      at = piece.end;
    }
    at = skipBlanks(text, at);
    if (text[at] === closeBracket) return { pieces, fresh, end: at };
    if (text[at] !== comma) return null;
    at = skipBlanks(text, at + 1);
  }
}

function isAt(text: Buffer, at: number, { bytes, start, end }: Piece<unknown>): boolean {
  const to = at + end - start;
  return to <= text.length && text.compare(bytes, start, end, at, to) === 0;
}

function readPiece<T>(
  text: Buffer,
  start: number,
  { index, reader }: { readonly index: number; readonly reader: PieceReader<T> },
): Piece<T> | null {
  if (text[start] !== openBrace) return null;
  const end = endOfNested(text, start);
  const item = end === null ? undefined : parse(text.subarray(start, end));
  if (end === null || item === undefined) return null;
  return { bytes: text, start, end, ...reader.read(item, index) };
}

/** Which of the known pieces is expected behind one of this name: a new one stands before `next`, as it seems. */
function following(known: readonly Piece<unknown>[], name: string, next: number): number {
  if (known[next]?.name === name) return next + 1;
  const place = known.findIndex((piece) => piece.name === name);
  return place < 0 ? next : place + 1;
}

/** A few new pieces get bytes of their own, so that they do not keep all the others of their text. */
function withOwnBytes<T>({ pieces, fresh }: Walk<T>): readonly Piece<T>[] {
  if (fresh.length > pieces.length / 2) return pieces;
  for (const index of fresh) {
    const piece = pieces[index];
    if (piece === undefined) continue;
    const bytes = new Uint8Array(piece.end - piece.start);
    bytes.set(piece.bytes.subarray(piece.start, piece.end));
    pieces[index] = { ...piece, bytes, start: 0, end: bytes.length };
  }
  return pieces;
}

/** Where the list of the first field `items` of an object opens. */
function findItems(text: Buffer): number | null {
  let at = skipBlanks(text, 0);
  if (text[at] !== openBrace) return null;
  do {
    const key = skipBlanks(text, at + 1);
    const keyEnd = endOfString(text, key);
    const between = keyEnd === null ? null : skipBlanks(text, keyEnd);
    if (keyEnd === null || between === null || text[between] !== colon) return null;
    const value = skipBlanks(text, between + 1);
    const isItems = itemsKey.compare(text, key, keyEnd) === 0;
    if (isItems) return text[value] === openBracket ? value : null;
    const end = endOfValue(text, value);
    if (end === null) return null;
    at = skipBlanks(text, end);
  } while (text[at] === comma);
  return null;
}

function skipBlanks(text: Buffer, from: number): number {
  let at = from;
  while (text[at] === 0x20 || text[at] === 0x0a || text[at] === 0x0d || text[at] === 0x09) at += 1;
  return at;
}

function endOfValue(text: Buffer, start: number): number | null {
  if (text[start] === quote) return endOfString(text, start);
  if (text[start] === openBrace || text[start] === openBracket) return endOfNested(text, start);
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === comma || text[at] === closeBrace) return at;
  }
  return null;
}

/** Behind the quote that ends the text that begins at `start`. */
function endOfString(text: Buffer, start: number): number | null {
  if (text[start] !== quote) return null;
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === backslash) at += 1;
    else if (text[at] === quote) return at + 1;
  }
  return null;
}

/** Behind what closes the object or list that opens at `start`; whether it is well formed is the parser's to say. */
function endOfNested(text: Buffer, start: number): number | null {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const byte = text[at];
    if (byte === quote) {
      const end = endOfString(text, at);
      if (end === null) return null;
      at = end;
      continue;
    }
    at += 1;
    if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) depth -= 1;
    if (depth === 0) return at;
  }
  return null;
}

/** Undefined: no JSON. */
function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
