import { createLogger } from '../../process/log.ts';
import { Lifecycle } from '../../process/lifecycle.ts';
import { type ProxySqlEmulator, startProxySqlEmulator } from './emulator.ts';

const stopDeadlineMs = 5000;

/**
 * Runs the emulator until SIGTERM or SIGINT. Prints one line, `{"address":"127.0.0.1:PORT"}`, when it answers.
 * A statement that kills it ends the process, as it would end ProxySQL's: 1 after a crash, 0 after a shutdown.
 */
export async function runProxySqlSandbox(argv: { readonly port: number; readonly dataFile?: string }): Promise<void> {
  let emulator: ProxySqlEmulator | null = null;
  const lifecycle = new Lifecycle(
    [
      {
        name: 'proxysql-emulator',
        start: async () => {
          const { port, dataFile = null } = argv;
          emulator = await startProxySqlEmulator({ port, dataFile, monitor: true, recovers: true });
          emulator.on('crash', () => process.exit(1));
          emulator.on('shutdown', () => process.exit(0));
          process.stdout.write(`${JSON.stringify({ address: emulator.address })}\n`);
        },
        stop: () => emulator?.close(),
      },
    ],
    { log: createLogger('sandbox-proxysql', 'info'), stopDeadlineMs },
  );
  lifecycle.stopOnSignals();
  await lifecycle.start();
}
