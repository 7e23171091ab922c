/**
 * A process of agents that do nothing but answer: each has a connection of its own and says what was encoded beforehand.
 * An update is decoded once by the first agent that gets it; all answer it with the same bytes.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import { AgentMessage, CoordinatorMessage } from '../../../proto/codec/chester/v1/agent.ts';
import { dataFrame, FrameReader, openCall } from './frames.ts';
import type { SwarmAnswer, SwarmOrder, TlsFiles } from './swarm-messages.ts';

type Connect = Extract<SwarmOrder, { kind: 'connect' }>;
type Known = { readonly group: string; readonly revision: number; readonly hash: string };

const agents: Agent[] = [];
const waiting: Agent[] = [];
const path = '/chester.v1.AgentService/Connect';
const opening = openCall(path);
let order: Connect | null = null;
let opened = 0;
let synced = 0;
let sentAway = 0;
let updates = 0;
let startedMs = 0;
let windowMs = 0;

/** By the beginning of an update's bytes: what it says, and the answer to it. */
const answers = new Map<string, { readonly known: Known; readonly frame: Buffer; readonly bare: Buffer }>();

function tell(answer: SwarmAnswer): void {
  process.send?.(answer);
}

function noteSynced(): void {
  synced += 1;
  if (synced < agents.length) return;
  tell({ kind: 'synced', tookMs: performance.now() - startedMs, sentAway, updates });
}

/** As many at a time as a test allows: a floor must not measure the listen backlog. */
function openNext(): void {
  if (order === null) return;
  while (opened < order.atOnceMax) {
    const next = waiting.shift();
    if (next === undefined) return;
    opened += 1;
    next.open();
  }
}

const tlsOptions = { ALPNProtocols: ['h2'], checkServerIdentity: () => undefined };
let context: SecureContext | null = null;

/** One for all: an agent makes one in its life, and ten thousand would be measured with the handshakes. */
function contextOf(tls: TlsFiles): SecureContext {
  context ??= createSecureContext(tls);
  return context;
}

class Agent {
  readonly #connect: Connect;
  readonly #id: string;
  #socket: Socket | null = null;
  /** Below TLS. */
  #raw: Socket | null = null;
  #isSynced = false;
  #known: Known[] = [];
  #reporting: NodeJS.Timeout | null = null;

  constructor(connect: Connect, index: number) {
    this.#connect = connect;
    this.#id = `${connect.fleet}-agent-${index}`;
  }

  open(): void {
    const { port, protocol, tls } = this.#connect;
    this.#isSynced = false;
    const options = { host: '127.0.0.1', port, noDelay: true };
    const raw = connectTcp(options);
    const socket = tls === null ? raw : connectTls({ socket: raw, secureContext: contextOf(tls), ...tlsOptions });
    raw.on('error', (error) => {
      if (!this.#isSynced) tell({ kind: 'failed', message: `${this.#id}: ${error.message}` });
    });
    this.#raw = raw;
    this.#socket = socket;
    socket.once(tls === null ? 'connect' : 'secureConnect', () => {
      opened -= 1;
      openNext();
      if (protocol === 'tcp') this.#sync();
      else socket.write(protocol === 'http2' ? opening : Buffer.concat([opening, this.#hello()]));
    });
    // The server has finished its side of the handshake when it says its first word.
    if (protocol === 'http2')
      socket.once('data', () => {
        this.#sync();
      });
    if (socket !== raw) socket.on('error', () => undefined);
    if (protocol === 'tcp') {
      socket.on('data', this.#readBare());
      return;
    }
    const reader = new FrameReader({
      message: (start) => {
        this.#take(start);
      },
      ended: (retryAfterMs) => {
        this.#comeAgain(retryAfterMs);
      },
      reply: (bytes) => socket.write(bytes),
    });
    socket.on('data', (chunk: Buffer) => {
      reader.read(chunk);
    });
  }

  break(delayMs: number): void {
    this.#isSynced = false;
    this.#socket?.removeAllListeners('data');
    this.#raw?.resetAndDestroy();
    setTimeout(() => {
      waiting.push(this);
      openNext();
    }, delayMs);
  }

  close(): void {
    if (this.#reporting !== null) clearInterval(this.#reporting);
    this.#socket?.removeAllListeners('data');
    this.#raw?.resetAndDestroy();
  }

  /** Reports as an agent beside a busy proxy does: every server's counters have moved on. */
  report(intervalMs: number, frame: Buffer): void {
    this.#reporting = setInterval(() => {
      if (this.#isSynced) this.#socket?.write(frame);
    }, intervalMs);
  }

  #sync(): void {
    if (this.#isSynced) return;
    this.#isSynced = true;
    noteSynced();
  }

  /** The coordinator sends it away, or has died. */
  #comeAgain(retryAfterMs: number | null): void {
    if (retryAfterMs === null || this.#isSynced) {
      tell({ kind: 'failed', message: `${this.#id}: its stream ended` });
      return;
    }
    sentAway += 1;
    this.break(retryAfterMs + Math.random() * 100);
  }

  #hello(): Buffer {
    const hello = {
      agentId: this.#id,
      bootId: `boot-of-${this.#id}`,
      cell: 'default',
      fleet: this.#connect.fleet,
      podUid: `pod-uid-of-${this.#id}`,
      proxysqlVersion: '2.7.3',
      proxyBoot: `proxy-boot-of-${this.#id}`,
      known: this.#known,
      maxEpoch: 0,
      received: [],
      refusal: undefined,
    };
    return dataFrame(AgentMessage.encode({ hello }).finish());
  }

  /** An update begins with tag 0x12; its nonce stands at its beginning, and all agents get the same bytes. */
  #take(start: Buffer): void {
    if (start[0] === 0x12) {
      const answer = answerTo(start);
      updates += 1;
      this.#known = [answer.known];
      this.#socket?.write(answer.frame);
    } else if (start[0] === 0x0a) {
      windowMs = CoordinatorMessage.decode(start).welcome?.reconnectWindowMs ?? 0;
    } else if (start[0] === 0x1a) this.#sync();
  }

  /** The floor's bytes: a length, then the message. */
  #readBare(): (chunk: Buffer) => void {
    let missing = 0;
    let start: Buffer = Buffer.alloc(0);
    return (chunk) => {
      let rest = chunk;
      while (rest.length > 0) {
        if (missing === 0) {
          missing = rest.readUInt32BE(0);
          rest = rest.subarray(4);
          start = rest;
        }
        const taken = Math.min(missing, rest.length);
        missing -= taken;
        rest = rest.subarray(taken);
        if (missing === 0) this.#socket?.write(answerTo(start).bare);
      }
    };
  }
}

function answerTo(start: Buffer): { readonly known: Known; readonly frame: Buffer; readonly bare: Buffer } {
  const key = start.toString('latin1', 0, 48);
  const known = answers.get(key);
  if (known !== undefined) return known;
  const { nonce, group, revision, hash } = readUpdate(start);
  const status = 'ACK_STATUS_APPLIED' as const;
  const ack = {
    nonce,
    group,
    revision,
    status,
    runtimeHash: hash,
    applyMicros: 1500,
    removing: [],
    absent: [],
    error: undefined,
  };
  const bytes = AgentMessage.encode({ ack }).finish();
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(bytes.length, 0);
  const made = {
    known: { group, revision, hash },
    frame: dataFrame(bytes),
    bare: Buffer.concat([prefix, bytes]),
  };
  answers.set(key, made);
  return made;
}

/** The first fields of an update, which stand in its first bytes in the order of their numbers. */
function readUpdate(start: Buffer): Known & { readonly nonce: string } {
  let at = 1;
  const varint = (): number => {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = start[at] ?? 0;
      at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  };
  const text = (): string => {
    const length = varint();
    at += length;
    return start.toString('utf8', at - length, at);
  };
  varint();
  const fields = new Map<number, string | number>();
  while (fields.size < 4 && at < start.length) {
    const tag = varint();
    fields.set(tag >> 3, tag % 8 === 0 ? varint() : text());
  }
  const [nonce, group, revision, hash] = [1, 2, 3, 4].map((number) => fields.get(number));
  return { nonce: String(nonce), group: String(group), revision: Number(revision), hash: String(hash) };
}

function startAgents(asked: Connect): void {
  order = asked;
  [startedMs, sentAway, updates] = [performance.now(), 0, 0];
  for (let index = 0; index < asked.count; index += 1) {
    const agent = new Agent(asked, asked.first + index);
    agents.push(agent);
    waiting.push(agent);
  }
  if (asked.count === 0) tell({ kind: 'synced', tookMs: 0, sentAway, updates });
  openNext();
}

function startReports(intervalMs: number, servers: number): void {
  const list = Array.from({ length: servers }, (_, index) => ({
    hostgroup: 10,
    hostname: `10.1.2.${index}`,
    port: 3306,
    status: 'ONLINE',
    connUsed: index,
    connFree: 10,
    connErr: 0,
    queries: 1_000_000 + index,
    latencyMicros: 500,
    lagMs: 12,
  }));
  const report = { servers: list, groups: [], proxyBoot: '', clientsConnected: 10 };
  const frame = dataFrame(AgentMessage.encode({ report }).finish());
  for (const [index, agent] of agents.entries()) {
    setTimeout(
      () => {
        agent.report(intervalMs, frame);
      },
      (intervalMs * index) / agents.length,
    );
  }
}

process.on('message', (asked: SwarmOrder) => {
  switch (asked.kind) {
    case 'connect':
      startAgents(asked);
      break;
    case 'report':
      startReports(asked.intervalMs, asked.servers);
      break;
    case 'break': {
      [startedMs, synced, sentAway, updates] = [performance.now(), 0, 0, 0];
      for (const agent of agents) agent.break(asked.obeysWindow ? Math.random() * windowMs : 0);
      break;
    }
    case 'close':
      for (const agent of agents.splice(0)) agent.close();
      [synced, opened] = [0, 0];
      tell({ kind: 'closed' });
      break;
  }
});
