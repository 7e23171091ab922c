import { connect, type Socket } from 'node:net';
import { type Connection, createConnection } from 'mysql2';
import { translateAdminError } from './admin-errors.ts';

export type AdminLogin = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** For connecting, and for each statement. */
  readonly deadlineMs: number;
};

/** A connection and what it runs on. */
export type LoggedIn = { readonly connection: Connection; readonly socket: Socket };

/** Connects and logs in. @throws {AgentError} `ADMIN_UNREACHABLE`, `ADMIN_LOGIN_REFUSED`. */
export async function logIn({ host, port, user, password, deadlineMs }: AdminLogin): Promise<LoggedIn> {
  const socket = connect({ host, port, noDelay: true, keepAlive: true });
  const connection = createConnection({
    stream: socket,
    user,
    password,
    connectTimeout: deadlineMs,
    // None is prepared; mysql2 makes room for 16,000, which is half a megabyte.
    maxPreparedStatements: 1,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      connection.once('error', reject);
      connection.connect((error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
    return { connection, socket };
  } catch (error) {
    connection.on('error', () => undefined);
    connection.destroy();
    throw translateAdminError(error, 'connect');
  }
}
