import { createHash } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { EventKind } from '../core/records.ts';
import { CoordinatorError } from '../errors.ts';
import { keyOf, type StoreDump } from './store-dump.ts';

/**
 * A backup: lines of JSON in UTF-8. The first names the format and says how many entries and events follow, one a line;
 * the last is the SHA-256 of all bytes before it.
 */
const header = z.object({
  format: z.literal('chester-store'),
  version: z.literal(1),
  storeId: z.string().min(1),
  revision: z.int().nonnegative(),
  fencingToken: z.int().nonnegative(),
  lastSequence: z.int().nonnegative(),
  entries: z.int().nonnegative(),
  events: z.int().nonnegative(),
});
const entry = z.object({ key: z.string().min(1), revision: z.int().positive(), value: z.unknown() });
const event = z.object({
  sequence: z.int().positive(),
  atMs: z.number(),
  group: z.string(),
  // A newer program may know kinds that this one does not; they are only told.
  kind: z.string().transform((kind) => kind as EventKind),
  subject: z.string(),
  reason: z.string(),
  message: z.string(),
});
const trailer = z.object({ sha256: z.string() });

/**
 * Writes a backup that only its owner can read. It is whole or not there, also after a power cut.
 *
 * @throws {CoordinatorError} BACKUP_UNUSABLE when the file is there already, or cannot be written
 */
export async function writeDumpFile(file: string, { head, lastSequence, entries, events }: StoreDump): Promise<void> {
  const counts = { entries: entries.length, events: events.length };
  const lines = [
    { format: 'chester-store', version: 1, ...head, lastSequence, ...counts },
    ...entries.map(({ key, revision, value }) => ({ key, revision, value })),
    ...events,
  ];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const partial = `${file}.partial`;
  try {
    await (await open(file, 'wx', 0o600)).close();
    const handle = await open(partial, 'w', 0o600);
    try {
      await handle.writeFile(`${text}${JSON.stringify({ sha256: sha256(text) })}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
    await syncFolder(path.dirname(file));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    if (code === 'EEXIST') throw new CoordinatorError('BACKUP_UNUSABLE', `${file} is there already; name a new file`);
    await Promise.all([rm(partial, { force: true }), rm(file, { force: true })]).catch(() => undefined);
    throw code === null ? error : new CoordinatorError('BACKUP_UNUSABLE', `${file} cannot be written (${code})`);
  }
}

/** Reads a backup and checks it whole. @throws {CoordinatorError} BACKUP_UNUSABLE */
export async function readDumpFile(file: string): Promise<StoreDump> {
  const text = await readText(file);
  const lines = text.split('\n');
  const last = lines.at(-2) ?? '';
  const body = text.slice(0, Math.max(0, text.length - last.length - 1));
  const head = parseLine(file, header, lines[0] ?? '', 1);
  const sum = trailer.safeParse(parseJson(last));
  if (!sum.success) throw unusable(file, 'it ends before its checksum: it was cut');
  if (sum.data.sha256 !== sha256(body)) throw unusable(file, 'its checksum does not fit: it was changed or damaged');
  if (lines.length !== head.entries + head.events + 3) throw unusable(file, 'it has more or fewer lines than it says');
  const entries = lines.slice(1, 1 + head.entries).map((line, at) => parseLine(file, entry, line, at + 2));
  const events = lines
    .slice(1 + head.entries, 1 + head.entries + head.events)
    .map((line, at) => parseLine(file, event, line, at + 2 + head.entries));
  const { storeId, revision, fencingToken, lastSequence } = head;
  return {
    head: { storeId, revision, fencingToken },
    lastSequence,
    entries: entries.map(({ key, ...rest }) => ({ key: keyOf(key), revision: rest.revision, value: rest.value })),
    events,
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw unusable(file, `it cannot be read (${code})`);
  }
}

function parseLine<Shape extends z.ZodType>(file: string, shape: Shape, line: string, number: number): z.infer<Shape> {
  const parsed = shape.safeParse(parseJson(line));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw unusable(file, `line ${number} is none of a backup: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function unusable(file: string, reason: string): CoordinatorError {
  return new CoordinatorError('BACKUP_UNUSABLE', `${file} is no backup that can be used: ${reason}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
