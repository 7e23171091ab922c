import { Lifecycle } from '../process/lifecycle.ts';
import { createLogger } from '../process/log.ts';
import { compose } from './compose/coordinator.ts';
import { type CoordinatorConfig, parseConfig } from './config.ts';
import { CoordinatorError } from './errors.ts';

export { coordinatorEnvironmentHelp } from './config.ts';
export { backUpStore, migrateStore, restoreStore, type StoreCopy } from './store-tool.ts';

const stopDeadlineMs = 10_000;

/**
 * Runs a coordinator until it is told to stop. Prints `{"http":"host:port","grpc":"host:port"}` on stdout once both
 * listen. A bad configuration is printed whole on stderr and exits 2, a failed start exits 1.
 */
export async function runCoordinator(env: NodeJS.ProcessEnv): Promise<void> {
  const config = readConfig(env);
  if (config === null) return;
  const log = createLogger('chester-coordinator', config.logLevel);
  let lifecycle: Lifecycle | null = null;
  try {
    const abandon = (reason: string): void => {
      log.error({ reason }, 'coordinator gives up');
      void (lifecycle?.stop() ?? Promise.resolve()).then(() => process.exit(1));
    };
    const coordinator = compose(config, { env, log, abandon });
    lifecycle = new Lifecycle(coordinator.components, { log, stopDeadlineMs });
    lifecycle.stopOnSignals();
    await lifecycle.start();
    const addresses = {
      http: `${config.listenHost}:${coordinator.http.port}`,
      grpc: `${config.listenHost}:${coordinator.grpc.port}`,
    };
    process.stdout.write(`${JSON.stringify(addresses)}\n`);
  } catch (error) {
    log.error({ err: error }, 'coordinator did not start');
    process.stderr.write(`chester coordinator: ${error instanceof Error ? error.message : 'did not start'}\n`);
    await lifecycle?.stop();
    process.exit(error instanceof CoordinatorError && error.code === 'CONFIG_INVALID' ? 2 : 1);
  }
}

function readConfig(env: NodeJS.ProcessEnv): CoordinatorConfig | null {
  try {
    return parseConfig(env);
  } catch (error) {
    if (!(error instanceof CoordinatorError)) throw error;
    process.stderr.write(`chester coordinator: bad configuration\n${error.message}\n`);
    process.exitCode = 2;
    return null;
  }
}
