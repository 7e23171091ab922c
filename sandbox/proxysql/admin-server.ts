import type { EventEmitter } from 'node:events';
import type { Server as NetServer, Socket } from 'node:net';

import mysql from 'mysql2';

import type { AdminLogin } from './admin-engine.ts';
import { isPasswordProof } from './native-password.ts';
import { type Reply, renderReply } from './packets.ts';

/** What the server asks of the emulated process. */
export type AdminServerOptions = {
  /** Null for a name that cannot log in. */
  readonly passwordOf: (user: string) => string | null;
  /** Null when the statement ended the process. */
  readonly execute: (sql: string, login: AdminLogin) => Promise<Reply | null>;
};

/** The part of mysql2's server-side connection that its types leave out. */
type ServerConnection = EventEmitter & {
  readonly stream: Socket;
  readonly sequenceId: number;
  readonly clientHelloReply?: { readonly clientFlags: number };
  serverHandshake(args: HandshakeOptions): void;
  _resetSequenceId(): void;
};
type HandshakeOptions = {
  readonly protocolVersion: number;
  readonly serverVersion: string;
  readonly connectionId: number;
  readonly statusFlags: number;
  readonly characterSet: number;
  readonly capabilityFlags: number;
  readonly authCallback: (proof: LoginProof) => void;
};
type LoginProof = {
  readonly user: string;
  readonly authPluginData1: Buffer;
  readonly authPluginData2: Buffer;
  readonly authToken: Buffer;
};
type CommandPacket = { readonly buffer: Buffer; readonly offset: number; readonly end: number };

const command = { quit: 1, initDb: 2, query: 3, ping: 14, changeUser: 17, prepare: 22, closeStatement: 25, reset: 31 };
const sessionTrackFlag = 0x800000;
/** All but compression, TLS, and query attributes and the new end-of-rows packet, which mysql2's server cannot read. */
const capabilityFlags = 0xfff7df & ~0x20;
const ok: Reply = { kind: 'ok', affectedRows: 0, info: '' };

/** ProxySQL's admin port: handshake, native password and the few commands that its admin module knows. */
export class AdminServer {
  readonly #options: AdminServerOptions;
  readonly #net: NetServer;
  readonly #sockets = new Set<Socket>();
  #lastConnectionId = 0;

  constructor(options: AdminServerOptions) {
    this.#options = options;
    const server = mysql.createServer((connection) => {
      this.#accept(connection as unknown as ServerConnection);
    });
    this.#net = (server as unknown as { readonly _server: NetServer })._server;
  }

  /** Returns the port, which the system chose when 0 was asked for. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#net.once('error', reject);
      this.#net.listen(port, host, () => {
        this.#net.off('error', reject);
        const address = this.#net.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Stops listening and cuts every connection without a word, as a dying process does. */
  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => {
      this.#net.close(() => {
        resolve();
      });
    });
  }

  #accept(connection: ServerConnection): void {
    const { stream } = connection;
    this.#sockets.add(stream);
    stream.once('close', () => this.#sockets.delete(stream));
    stream.setNoDelay(true);
    // A client that goes away is an 'error' to mysql2; there is nothing to do about it.
    connection.on('error', () => undefined);
    const address = stream.remoteAddress ?? '';
    let user = '';
    // Each listener keeps mysql2 from answering by itself; all commands are answered where 'packet' is heard.
    for (const event of ['query', 'stmt_prepare', 'stmt_execute', 'field_list', 'ping', 'init_db']) {
      connection.on(event, () => undefined);
    }
    connection.on('packet', (packet: CommandPacket) => {
      this.#hear(connection, packet, { user, address });
    });
    this.#lastConnectionId += 1;
    connection.serverHandshake({
      protocolVersion: 10,
      serverVersion: '8.0.11',
      connectionId: this.#lastConnectionId,
      statusFlags: 2,
      characterSet: 33,
      capabilityFlags,
      authCallback: (proof) => {
        user = proof.user;
        this.#admit(connection, proof, address);
      },
    });
  }

  #admit(connection: ServerConnection, proof: LoginProof, address: string): void {
    const password = this.#options.passwordOf(proof.user);
    const scramble = Buffer.concat([proof.authPluginData1, proof.authPluginData2]);
    const isLocal = address === '127.0.0.1' || address === '::1';
    if (password === null || !isPasswordProof(proof.authToken, password, scramble)) {
      const hasPassword = proof.authToken.length > 0 ? 'YES' : 'NO';
      const message = `ProxySQL Error: Access denied for user '${proof.user}'@'${address}' (using password: ${hasPassword})`;
      send(connection, { kind: 'error', errno: 1045, sqlState: '28000', message }, connection.sequenceId);
      connection.stream.end();
    } else if (proof.user === 'admin' && !isLocal) {
      const message = `User '${proof.user}' can only connect locally`;
      send(connection, { kind: 'error', errno: 1040, sqlState: '42000', message }, connection.sequenceId);
      connection.stream.end();
    } else {
      send(connection, ok, connection.sequenceId);
    }
    connection._resetSequenceId();
  }

  #hear(connection: ServerConnection, packet: CommandPacket, login: AdminLogin): void {
    const firstSequenceId = connection.sequenceId;
    connection._resetSequenceId();
    const payload = packet.buffer.subarray(packet.offset, packet.end);
    const code = payload[0] ?? 0;
    if (code === command.query) {
      const sql = payload.subarray(1).toString();
      void this.#options.execute(sql, login).then((reply) => {
        if (reply !== null) send(connection, reply, firstSequenceId);
      });
      return;
    }
    const reply = answerCommand(code);
    if (reply !== null) send(connection, reply, firstSequenceId);
  }
}

/** Null for what is never answered: COM_CHANGE_USER hangs in the real one too. */
function answerCommand(code: number): Reply | null {
  switch (code) {
    case command.ping:
    case command.initDb:
      return ok;
    case command.quit:
    case command.changeUser:
    case command.closeStatement:
      return null;
    case command.reset: {
      const message = "Received unsupported 'COM_RESET_CONNECTION' for session type 'PROXYSQL_SESSION_ADMIN'";
      return { kind: 'error', errno: 1047, sqlState: '28000', message };
    }
    default:
      return { kind: 'error', errno: 1045, sqlState: '28000', message: 'Command not supported' };
  }
}

function send(connection: ServerConnection, reply: Reply, firstSequenceId: number): void {
  if (!connection.stream.writable) return;
  const hasLengthInfo = ((connection.clientHelloReply?.clientFlags ?? 0) & sessionTrackFlag) !== 0;
  connection.stream.write(renderReply(reply, firstSequenceId, hasLengthInfo));
}
