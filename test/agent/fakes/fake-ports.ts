import { createHash } from 'node:crypto';
import type { LastKnownGood } from '../../../agent/core/last-known-good.ts';
import type { AgentMessage, CoordinatorMessage } from '../../../agent/core/messages.ts';
import { AgentError } from '../../../agent/errors.ts';
import type {
  AgentMetrics,
  CoordinatorLink,
  CoordinatorStream,
  Entropy,
  SnapshotStore,
  StreamHandlers,
} from '../../../agent/ports.ts';
import type { Logger } from '../../../process/log.ts';

/** A file that is memory. */
export class FakeSnapshotStore implements SnapshotStore {
  state: LastKnownGood | null = null;
  problem: string | null = null;
  writes = 0;
  /** While set, a write takes until it is called. */
  #gate: Promise<void> | null = null;
  nextError: AgentError | null = null;

  /** Makes writes wait; the returned function lets them through. */
  hold(): () => void {
    let open: () => void = () => undefined;
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    return () => {
      this.#gate = null;
      open();
    };
  }

  read(): Promise<{ state: LastKnownGood | null; problem: string | null }> {
    return Promise.resolve({ state: this.state, problem: this.problem });
  }

  async write(state: LastKnownGood): Promise<void> {
    if (this.#gate !== null) await this.#gate;
    const error = this.nextError;
    this.nextError = null;
    if (error !== null) throw error;
    this.state = state;
    this.writes += 1;
  }
}

/** A coordinator's end of a stream. */
class FakeStream implements CoordinatorStream {
  readonly sent: AgentMessage[] = [];
  isEnded = false;
  readonly handlers: StreamHandlers;

  constructor(handlers: StreamHandlers) {
    this.handlers = handlers;
  }

  /** A coordinator ends the stream of an agent that it took off its rosters. */
  letsGo = true;

  send(message: AgentMessage): void {
    if (this.isEnded) return;
    this.sent.push(message);
    const isLeaving = message.kind === 'goodbye' && message.paused && message.clients === 0;
    if (!isLeaving || !this.letsGo) return;
    void Promise.resolve().then(() => {
      this.#finish();
    });
  }

  #finish(): void {
    this.isEnded = true;
    this.handlers.ended('off the rosters', true);
  }

  end(): Promise<void> {
    this.isEnded = true;
    return Promise.resolve();
  }

  /** Says something to the agent. */
  say(message: CoordinatorMessage): void {
    this.handlers.received(message);
  }

  /** Breaks. */
  break(reason = 'gone'): void {
    this.isEnded = true;
    this.handlers.ended(reason, false);
  }

  /** What was sent of one kind. */
  of<Kind extends AgentMessage['kind']>(kind: Kind): Extract<AgentMessage, { kind: Kind }>[] {
    return this.sent.filter((message): message is Extract<AgentMessage, { kind: Kind }> => message.kind === kind);
  }
}

/** Remembers every stream that was opened. */
export class FakeLink implements CoordinatorLink {
  readonly streams: FakeStream[] = [];

  open(handlers: StreamHandlers): CoordinatorStream {
    const stream = new FakeStream(handlers);
    this.streams.push(stream);
    return stream;
  }

  get last(): FakeStream {
    const stream = this.streams.at(-1);
    if (stream === undefined) throw new Error('no stream was opened');
    return stream;
  }
}

/** Counts by name. */
export class FakeMetrics implements AgentMetrics {
  readonly counts = new Map<string, number>();

  applied(): void {
    this.#count('applied');
  }
  answered(status: string): void {
    this.#count(`answered ${status}`);
  }
  foreignLoads = 0;

  foreignLoaded(loads: number): void {
    this.foreignLoads += loads;
  }

  endedSessions = 0;

  sessionEnded(): void {
    this.endedSessions += 1;
  }

  loaded(): void {
    this.#count('loaded');
  }
  driftRepaired(group: string): void {
    this.#count(`repaired ${group}`);
  }
  adminFailed(code: string): void {
    this.#count(`failed ${code}`);
  }
  streamConnected(isConnected: boolean): void {
    this.counts.set('connected', isConnected ? 1 : 0);
  }
  groupsHeld(counts: { readonly groups: number; readonly settled: number; readonly removing: number }): void {
    for (const [name, value] of Object.entries(counts)) this.counts.set(name, value);
  }
  lastKnownGoodSaved(): void {
    this.#count('saved');
  }

  #count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}

/** Ids that count up, real hashes. */
export function fakeEntropy(): Entropy {
  let count = 0;
  return {
    randomId: () => `id-${(count += 1)}`,
    digest: (text) => createHash('sha256').update(text).digest('hex'),
  };
}

/** Keeps log lines for tests that ask what was said. */
export class FakeLog implements Logger {
  readonly lines: { readonly level: string; readonly fields: Record<string, unknown>; readonly message: string }[] = [];
  readonly debug = this.#at('debug') as Logger['debug'];
  readonly info = this.#at('info') as Logger['info'];
  readonly warn = this.#at('warn') as Logger['warn'];
  readonly error = this.#at('error') as Logger['error'];

  #at(level: string) {
    return (fields: Record<string, unknown>, message = ''): void => {
      this.lines.push({ level, fields, message });
    };
  }
}

export const lostConnection = (): AgentError => new AgentError('ADMIN_CONNECTION_LOST', 'connection lost');
