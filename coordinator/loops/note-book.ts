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

/** Says what holds a group up: on the board for as long as it lasts, as an event once. */
export class NoteBook {
  readonly #deps: NoteBookDeps;
  /** What was last said about a subject, so that a lasting hold is one event. */
  readonly #lastNotes = new Map<string, string>();
  readonly #looks = new Map<string, HoldLook>();

  constructor(deps: NoteBookDeps) {
    this.#deps = deps;
  }

  /** Runs one look at a group; what holds it up meanwhile, a failure too, is what administration sees. */
  async look<T>(group: string, work: () => Promise<T>): Promise<T> {
    const look = this.#deps.board.beginLook(group, 'scaler');
    this.#looks.set(group, look);
    try {
      return await work();
    } catch (error) {
      const message = error instanceof Error ? error.message : 'unknown';
      look.hold({ subject: group, reason: 'FAILED', message, atMs: this.#deps.clock.nowMs() });
      throw error;
    } finally {
      look.end();
      this.#looks.delete(group);
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
    for (const about of this.#lastNotes.keys()) {
      if (about.startsWith(`${group} ${subject} ALARM `)) this.#lastNotes.delete(about);
    }
  }

  async #say(kind: 'WAIT' | 'ALARM', note: Note, text: string): Promise<void> {
    const { clock, log, store } = this.#deps;
    const { group, subject, reason, message } = note;
    const atMs = clock.nowMs();
    this.#looks.get(group)?.hold({ subject, reason, message, atMs });
    // Several alarms about one subject are told apart; of waits there is one at a time.
    const about = `${group} ${subject} ${kind}${kind === 'ALARM' ? ` ${reason}` : ''}`;
    if (this.#lastNotes.get(about) === text) return;
    if (this.#lastNotes.size >= notesMax) this.#lastNotes.clear();
    this.#lastNotes.set(about, text);
    const event: NewEvent = { atMs, group, kind, subject, reason, message };
    log.info(event, kind === 'ALARM' ? 'alarm' : 'held');
    await store.commit({ writes: [], events: [event] });
  }
}
