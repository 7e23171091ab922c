import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  errorPayload,
  framePackets,
  greetingPayload,
  okPayload,
  PacketSplitter,
  resultPayloads,
  type SqlRows,
} from '../../../sandbox/cloudsql/mysql-wire.ts';

/** What to answer a statement: rows, an error's number, nothing at all, or the end of the connection. */
export type Scripted = SqlRows | { readonly errno: number } | 'silence' | 'hang up';

export type ScriptedMysql = {
  readonly port: number;
  /** Resolves when no client is connected. */
  clientsGone(): Promise<void>;
  close(): void;
};

/** The connection id that every client is given. */
export const connectionId = 41;

/** Starts a MySQL server that lets anybody in; `answer` says what it answers. A null greeting leaves clients waiting. */
export async function startScriptedMysql(answer: (sql: string) => Scripted, greets = true): Promise<ScriptedMysql> {
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.on('close', () => {
      clients.delete(socket);
      server.emit('client gone');
    });
    socket.on('error', () => socket.destroy());
    if (greets) serve(socket, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async clientsGone() {
      while (clients.size > 0) await new Promise((resolve) => server.once('client gone', resolve));
    },
    close() {
      for (const client of clients) client.destroy();
      server.close();
    },
  };
}

function serve(socket: Socket, answer: (sql: string) => Scripted): void {
  const splitter = new PacketSplitter();
  let isLoggedIn = false;
  socket.write(
    framePackets(0, [
      greetingPayload('8.0.41', connectionId, Buffer.from(randomBytes(20).toString('hex').slice(0, 20))),
    ]),
  );
  socket.on('data', (chunk) => {
    for (const { sequence, payload } of splitter.push(chunk)) {
      const scripted = isLoggedIn ? answer(payload.subarray(1).toString()) : null;
      isLoggedIn = true;
      if (scripted === 'hang up') socket.destroy();
      else if (scripted !== 'silence') socket.write(framePackets(sequence + 1, payloadsOf(scripted)));
    }
  });
}

function payloadsOf(scripted: SqlRows | { readonly errno: number } | null): Buffer[] {
  if (scripted === null) return [okPayload()];
  if ('errno' in scripted) return [errorPayload(scripted.errno, '42000', 'scripted')];
  return resultPayloads(scripted);
}
