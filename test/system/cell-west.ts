import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Child } from '../../sandbox/demo/child.ts';
import { ProxyEye } from '../../sandbox/demo/proxy-eye.ts';
import type { World } from '../../sandbox/demo/world.ts';

export type CellProcesses = {
  readonly coordinator: Child;
  readonly agent: Child;
  readonly eye: ProxyEye;
  readonly http: string;
  readonly grpc: string;
  readonly stop: () => Promise<void>;
};

/** A second cell beside a world: a coordinator of its own, and a proxy with its agent. */
export async function startWest(
  world: World,
  coordinatorEnv: Readonly<Record<string, string>>,
): Promise<CellProcesses> {
  const children: Child[] = [];
  const start = (args: readonly string[], env: Readonly<Record<string, string>>, log: string): Child => {
    const child = Child.start({ args, env, logFile: world.logFile(log) });
    children.push(child);
    return child;
  };
  const env = { ...coordinatorEnv, HTTP_PORT: '0', GRPC_PORT: '0', CLOUDSQL_ROOT_URL: world.cloudSql.url };
  const coordinator = start(['coordinator'], env, 'west');
  const { http = '', grpc = '' } = await coordinator.ready();
  const name = 'proxysql-west';
  const data = { SANDBOX_PROXYSQL_DATA_FILE: path.join(world.folder, `${name}.db`) };
  const { address = '' } = await start(['sandbox', 'proxysql', '--port', '0'], data, name).ready();
  const stateDir = path.join(world.folder, name);
  mkdirSync(stateDir, { recursive: true });
  const agent = start(
    ['agent'],
    {
      ...{ COORDINATOR_ADDRESS: grpc, CHESTER_FLEET: world.fleet, CELL: 'west', AGENT_ID: name, STATE_DIR: stateDir },
      ...{ PROXYSQL_ADMIN_PORT: address.slice(address.lastIndexOf(':') + 1), HTTP_PORT: '0' },
      ...{ PROXYSQL_ADMIN_USER: 'radmin', PROXYSQL_ADMIN_PASSWORD: 'radmin' },
    },
    `agent-${name}`,
  );
  const eye = new ProxyEye(address);
  const stop = async (): Promise<void> => {
    await eye.close();
    for (const child of [...children].reverse()) {
      child.signal('SIGCONT');
      await child.stop();
    }
  };
  return { coordinator, agent, eye, http, grpc, stop };
}
