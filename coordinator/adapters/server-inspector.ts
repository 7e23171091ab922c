import type { Connection } from 'mysql2';
import type { ServerFinding } from '../core/doctor.ts';
import type { ProbeTarget, ServerInspector } from '../ports.ts';
import { connect, mayReadProcesses, query, readReplicaStatus, reasonOf, underDeadline } from './replica-probe.ts';
import type { SecretReader } from './secrets.ts';

/** Failures before a server spoke: nobody is there, or the way is closed. */
const routeFaults = /^(?:ETIMEDOUT|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|no answer)/;

/** Asks a server what the group's gate user may do there, over a connection of its own. */
export class MysqlServerInspector implements ServerInspector {
  readonly #secrets: SecretReader;
  readonly #deadlineMs: number;

  constructor(deps: { readonly secrets: SecretReader }, options: { readonly deadlineMs: number }) {
    this.#secrets = deps.secrets;
    this.#deadlineMs = options.deadlineMs;
  }

  async inspect(target: ProbeTarget): Promise<ServerFinding> {
    let password: string;
    try {
      password = await this.#secrets.read(target.passwordSecret);
    } catch (error) {
      return { outcome: 'failed', at: 'secret', reason: reasonOf(error) };
    }
    let connection: Connection | null = null;
    try {
      connection = connect(target, password, this.#deadlineMs);
      return await underDeadline(connection, this.#deadlineMs, ask(connection));
    } catch (error) {
      const reason = reasonOf(error);
      return { outcome: 'failed', at: routeFaults.test(reason) ? 'route' : 'login', reason };
    } finally {
      connection?.destroy();
    }
  }
}

async function ask(connection: Connection): Promise<ServerFinding> {
  const [limit] = await query(connection, "SHOW GLOBAL VARIABLES LIKE 'max_connections'");
  const [tls] = await query(connection, "SHOW SESSION STATUS LIKE 'Ssl_cipher'");
  const grants = await query(connection, 'SHOW GRANTS');
  const cipher: unknown = tls?.['Value'];
  return {
    outcome: 'answered',
    connectionsMax: Number(limit?.['Value'] ?? 0),
    isEncrypted: typeof cipher === 'string' && cipher !== '',
    maySeeSessions: mayReadProcesses(grants),
    mayReadReplication: await readReplicaStatus(connection).then(
      () => true,
      () => false,
    ),
  };
}
