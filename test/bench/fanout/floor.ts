/**
 * The floors of `make bench-fanout`: a server of raw TCP or of node:http2 that sends the same bytes to as many
 * connections, fifty a turn, and counts the answers. It knows nothing else.
 */
import assert from 'node:assert/strict';
import { createServer as createHttp2Server, createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsFiles } from './swarm-messages.ts';
import { type Probe, startProbe } from './probe.ts';

export type FloorOrder =
  | { readonly kind: 'listen'; readonly protocol: 'tcp' | 'http2'; readonly tls: TlsFiles | null }
  | { readonly kind: 'send'; readonly message: string }
  | { readonly kind: 'use' }
  /** Whether blocks of the event loop are looked for, which costs CPU. */
  | { readonly kind: 'watch'; readonly isWatching: boolean };
export type FloorAnswer =
  | { readonly kind: 'listens'; readonly port: number }
  | { readonly kind: 'answered'; readonly tookMs: number; readonly cpuMs: number; readonly probe: Probe }
  | { readonly kind: 'used'; readonly cpuMicros: number; readonly peers: number };

/** One that bytes are written to, and the bytes of its answer that are still to come. */
type Peer = { readonly write: (bytes: Buffer) => void; missing: number };

const turnSize = 50;
const backlog = 4096;
const peers = new Set<Peer>();
const { read, watchBlocks } = startProbe();
let prefixBytes = 0;
let startedMs = 0;
let startedCpuMicros = 0;
let open = 0;

function tell(answer: FloorAnswer): void {
  process.send?.(answer);
}

/** Answers are told apart by their prefix: a length, in HTTP/2 behind the byte that says it is not compressed. */
function take(peer: Peer, bytes: Buffer): void {
  // Nothing was sent: what comes is no answer.
  if (open === 0) return;
  if (peer.missing === 0) peer.missing = prefixBytes + bytes.readUInt32BE(prefixBytes - 4);
  peer.missing -= bytes.length;
  assert(peer.missing >= 0, 'one answer at a time');
  if (peer.missing > 0) return;
  open -= 1;
  if (open > 0) return;
  const tookMs = performance.now() - startedMs;
  const probe = read();
  tell({ kind: 'answered', tookMs, cpuMs: (probe.cpuMicros - startedCpuMicros) / 1000, probe });
}

function listen(protocol: 'tcp' | 'http2', tls: TlsFiles | null): void {
  prefixBytes = protocol === 'tcp' ? 4 : 5;
  const mutual: Mutual = tls === null ? null : { ...tls, requestCert: true, rejectUnauthorized: true };
  const server = protocol === 'tcp' ? listenTcp(mutual) : listenHttp2(mutual);
  server.listen({ port: 0, host: '127.0.0.1', backlog }, () => {
    tell({ kind: 'listens', port: (server.address() as AddressInfo).port });
  });
}

type Mutual = (TlsFiles & { readonly requestCert: true; readonly rejectUnauthorized: true }) | null;

function listenTcp(mutual: Mutual) {
  const server = mutual === null ? createTcpServer({ noDelay: true }) : createTlsServer(mutual);
  server.on(mutual === null ? 'connection' : 'secureConnection', (socket: Socket) => {
    const peer: Peer = { write: (bytes) => socket.write(bytes), missing: 0 };
    peers.add(peer);
    socket.on('data', (bytes: Buffer) => {
      take(peer, bytes);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => peers.delete(peer));
  });
  return server;
}

function listenHttp2(mutual: Mutual) {
  const server = mutual === null ? createHttp2Server() : createSecureServer(mutual);
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    const peer: Peer = { write: (bytes) => stream.write(bytes), missing: 0 };
    peers.add(peer);
    stream.on('data', (bytes: Buffer) => {
      take(peer, bytes);
    });
    stream.on('error', () => undefined);
    stream.on('close', () => peers.delete(peer));
  });
  server.on('sessionError', () => undefined);
  return server;
}

function send(message: Buffer): void {
  const bytes = Buffer.alloc(prefixBytes + message.length);
  bytes.writeUInt32BE(message.length, prefixBytes - 4);
  message.copy(bytes, prefixBytes);
  startedCpuMicros = read().cpuMicros;
  open = peers.size;
  startedMs = performance.now();
  const rest = peers.values();
  const turn = (): void => {
    for (let sent = 0; sent < turnSize; sent += 1) {
      const next = rest.next();
      if (next.done === true) return;
      next.value.write(bytes);
    }
    setImmediate(turn);
  };
  turn();
}

process.on('message', (order: FloorOrder) => {
  if (order.kind === 'listen') listen(order.protocol, order.tls);
  else if (order.kind === 'watch') watchBlocks(order.isWatching);
  else if (order.kind === 'use') tell({ kind: 'used', cpuMicros: read().cpuMicros, peers: peers.size });
  else send(Buffer.from(order.message, 'base64'));
});
