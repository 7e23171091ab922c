import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { NewEvent } from '../core/records.ts';
import type { Store } from '../ports.ts';
import type { HoldBoard, HoldLook } from './hold-board.ts';

export type NoteBookDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly board: HoldBoard;
};

export type Note = {
  readonly group: string;
  readonly subject: string;
  readonly reason: string;
  readonly message: string;
};

/** Beyond this many subjects the memory of what was said begins anew, and holds are said once more. */
const notesMax = 10_000;

/** A wait that was over for so long begins anew: for less, a look that failed would tell it twice. */
const waitOverMs = 600_000;

/** One look at a group, and what waited in it, by subject. */
type Look = { readonly board: HoldLook; readonly waits: Map<string, Set<string>> };

/** What a subject waited for when it was last seen to wait. */
type LastWaits = { readonly reasons: ReadonlySet<string>; readonly atMs: number };

/** Says what holds a group up: on the board for as long as it lasts, as an event once. */
export class NoteBook {
  readonly #deps: NoteBookDeps;
  /** The alarm that was last said about a subject, so that a lasting one is one event. */
  readonly #lastAlarms = new Map<string, string>();
  readonly #lastWaits = new Map<string, LastWaits>();
  /** Groups with alarms among them. */
  readonly #alarmed = new Set<string>();
  readonly #looks = new Map<string, Look>();
  /** When each group's last look ended: looks may be further apart than a wait is over for. */
  readonly #lookedAtMs = new Map<string, number>();

  constructor(deps: NoteBookDeps) {
    this.#deps = deps;
  }

  /** Runs one look at a group; what holds it up meanwhile, a failure too, is what administration sees. */
  async look<T>(group: string, work: () => Promise<T>): Promise<T> {
    const board = this.#deps.board.beginLook(group, 'scaler');
    const look: Look = { board, waits: new Map() };
    this.#looks.set(group, look);
    try {
      return await work();
    } catch (error) {
      const message = error instanceof Error ? error.message : 'unknown';
      board.hold({ subject: group, reason: 'FAILED', message, atMs: this.#deps.clock.nowMs() });
      throw error;
    } finally {
      board.end();
      this.#looks.delete(group);
      this.#keepWaits(group, look);
    }
  }

  /** Stores an alarm once for as long as its key stays the same; its text, when there is no key. */
  alarm(note: Note, key?: string): Promise<void> {
    return this.#say('ALARM', note, `${note.reason} ${key ?? note.message}`);
  }

  /** The details of a wait change all the time; the board shows the newest, an event tells when it begins. */
  wait(note: Note): Promise<void> {
    return this.#say('WAIT', note, note.reason);
  }

  /** Forgets an alarm whose cause is gone: the next time it is one again. */
  clearAlarm(group: string, subject: string): void {
    if (!this.#alarmed.has(group)) return;
    for (const about of this.#lastAlarms.keys()) {
      if (about.startsWith(`${group} ${subject} `)) this.#lastAlarms.delete(about);
    }
  }

  /** A subject may wait for several things in one look: each of them is news once, not with every look. */
  #keepWaits(group: string, { waits }: Look): void {
    const atMs = this.#deps.clock.nowMs();
    this.#lookedAtMs.set(group, atMs);
    for (const [subject, reasons] of waits) this.#lastWaits.set(`${group} ${subject}`, { reasons, atMs });
  }

  /** Whether the last look that saw the subject wait, or this one, has told this wait already. Notes it for the next. */
  #isToldWait({ group, subject, reason }: Note, atMs: number): boolean {
    const about = `${group} ${subject}`;
    const waits = this.#looks.get(group)?.waits;
    const reasons = waits?.get(subject) ?? new Set();
    const last = this.#lastWaits.get(about);
    const isRecent = last?.atMs === this.#lookedAtMs.get(group) || atMs - (last?.atMs ?? 0) < waitOverMs;
    const isTold = reasons.has(reason) || (last?.reasons.has(reason) === true && isRecent);
    reasons.add(reason);
    if (waits === undefined) this.#lastWaits.set(about, { reasons, atMs });
    else waits.set(subject, reasons);
    return isTold;
  }

  async #say(kind: 'WAIT' | 'ALARM', note: Note, text: string): Promise<void> {
    const { clock, log, store } = this.#deps;
    const { group, subject, reason, message } = note;
    const atMs = clock.nowMs();
    this.#looks.get(group)?.board.hold({ subject, reason, message, atMs });
    if (this.#lastAlarms.size + this.#lastWaits.size >= notesMax) {
      this.#lastAlarms.clear();
      this.#lastWaits.clear();
      this.#alarmed.clear();
    }
    if (kind === 'WAIT') {
      if (this.#isToldWait(note, atMs)) return;
    } else {
      // Several alarms about one subject are told apart.
      const about = `${group} ${subject} ${reason}`;
      if (this.#lastAlarms.get(about) === text) return;
      this.#lastAlarms.set(about, text);
      this.#alarmed.add(group);
    }
    const event: NewEvent = { atMs, group, kind, subject, reason, message };
    log.info(event, kind === 'ALARM' ? 'alarm' : 'held');
    await store.commit({ writes: [], events: [event] });
  }
}
