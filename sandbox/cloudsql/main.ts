import { Lifecycle } from '../../process/lifecycle.ts';
import { createLogger } from '../../process/log.ts';
import { type CloudSqlEmulatorOptions, startCloudSqlEmulator } from './emulator.ts';

const stopDeadlineMs = 5000;

/**
 * Runs the emulator as a process: writes one line, `{"address":"127.0.0.1:PORT"}`, on stdout when it answers, and stops
 * on SIGTERM and SIGINT.
 *
 * @throws {Error} when a port is taken.
 */
export async function runCloudSqlSandbox(argv: Partial<CloudSqlEmulatorOptions> = {}): Promise<void> {
  const emulator = await startCloudSqlEmulator(argv);
  const component = { name: 'cloudsql-emulator', start: () => undefined, stop: () => emulator.close() };
  const lifecycle = new Lifecycle([component], { log: createLogger('cloudsql-emulator', 'warn'), stopDeadlineMs });
  await lifecycle.start();
  lifecycle.stopOnSignals();
  process.stdout.write(`${JSON.stringify({ address: emulator.address })}\n`);
}
