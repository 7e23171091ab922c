import { Lifecycle } from '../../process/lifecycle.ts';
import { createLogger } from '../../process/log.ts';
import { mariadbHosts } from '../mariadb/mariadb-hosts.ts';
import { type CloudSqlEmulator, type CloudSqlEmulatorOptions, startCloudSqlEmulator } from './emulator.ts';

export type CloudSqlSandboxOptions = Partial<CloudSqlEmulatorOptions> & {
  /** Whether a real MariaDB server stands behind each instance. */
  readonly mariadb?: boolean;
};

const stopDeadlineMs = 5000;

/**
 * Runs the emulator as a process: writes one line, `{"address":"127.0.0.1:PORT"}`, on stdout when it answers, and stops
 * on SIGTERM and SIGINT.
 *
 * @throws {Error} when a port is taken, or when MariaDB is asked for and not installed.
 */
export async function runCloudSqlSandbox({ mariadb = false, ...argv }: CloudSqlSandboxOptions = {}): Promise<void> {
  const options = mariadb ? { ...argv, hosts: mariadbHosts() } : argv;
  let emulator: CloudSqlEmulator | null = null;
  const component = {
    name: 'cloudsql-emulator',
    start: async () => {
      emulator = await startCloudSqlEmulator(options);
      process.stdout.write(`${JSON.stringify({ address: emulator.address })}\n`);
    },
    stop: async () => {
      await emulator?.close();
    },
  };
  const lifecycle = new Lifecycle([component], { log: createLogger('cloudsql-emulator', 'warn'), stopDeadlineMs });
  lifecycle.stopOnSignals();
  await lifecycle.start();
}
