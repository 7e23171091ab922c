import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import type { HeldConnection } from '../../../sandbox/proxysql/client-sessions.ts';
import type { ConfiguredServer } from '../../../sandbox/proxysql/config-layers.ts';
import { type ProxySqlEmulator, startProxySqlEmulator } from '../../../sandbox/proxysql/emulator.ts';
import { findProxySql, startRealProxySql } from '../../../sandbox/proxysql/real-proxysql.ts';
import { ClientOfProxy } from './client-of-proxy.ts';

/** An admin interface, and what can be done to its process. */
export interface Target {
  readonly address: string;
  /** What the mark `<datadir>` stands for. */
  readonly dataFolder: string;
  /** Kills it with SIGKILL, or as that would, and starts it again on the same disk. */
  restart(): Promise<void>;
  close(): Promise<void>;
  /**
   * Has a client of the proxy, account app/app, hold a connection to each of these servers, the last one spoken to last.
   * Returns what ends the client.
   */
  hold(servers: readonly HeldConnection[]): Promise<() => Promise<void>>;
  /** Has a client leave one free connection to a server in its pool. */
  leaveFree(server: HeldConnection): Promise<void>;
}

/** Starts a fresh interface whose configuration file names these servers. */
export type StartTarget = (options?: TargetOptions) => Promise<Target>;
type TargetOptions = { readonly configuredServers?: readonly ConfiguredServer[]; readonly monitor?: boolean };

/** Starts an emulator with its disk database in a folder of its own. */
const startEmulator: StartTarget = async (options = {}) => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'chester-emulator-'));
  const dataFile = join(dataFolder, 'proxysql.db');
  const emulator = await startProxySqlEmulator({ port: 0, dataFile, loadCost: 'none', ...options });
  return {
    address: emulator.address,
    dataFolder,
    restart: () => emulator.restart(),
    close: async () => {
      await emulator.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
    ...emulatedTraffic(emulator),
  };
};

/** No client speaks to an emulator: it is told what one would have done. */
function emulatedTraffic(emulator: ProxySqlEmulator): Pick<Target, 'hold' | 'leaveFree'> {
  const held = new Map<number, readonly HeldConnection[]>();
  let lastId = 0;
  const tell = (servers: readonly HeldConnection[]): void => {
    for (const { hostgroup, hostname, port } of servers) {
      const used = [...held.values()].flat().filter((other) => other.hostgroup === hostgroup).length;
      emulator.setConnections({ hostgroup, hostname, port, used });
    }
    const sessions = [...held].map(([sessionId, all]) => ({
      ...{ sessionId, user: 'app', server: all.at(-1) ?? null },
      pinned: all.slice(0, -1).map((server) => ({ ...server, pinnedBy: 'get_lock' as const })),
    }));
    emulator.setSessions(sessions);
  };
  return {
    hold: (servers) => {
      const id = (lastId += 1);
      held.set(id, servers);
      tell(servers);
      return Promise.resolve(() => {
        held.delete(id);
        tell(servers);
        return Promise.resolve();
      });
    },
    leaveFree: ({ hostgroup, hostname, port }) => {
      emulator.setConnections({ hostgroup, hostname, port, free: 1 });
      return Promise.resolve();
    },
  };
}

/** A real process, which has clients. */
export type RealTarget = Target & { readonly clientPort: number };
export type StartRealTarget = (options?: TargetOptions) => Promise<RealTarget>;

/** Starts real processes of this binary. */
function realProxySqlStarter(bin: string): StartRealTarget {
  return async (options = {}) => {
    const [adminPort, clientPort] = [await freePort(), await freePort()];
    const proxysql = await startRealProxySql({ bin, adminPort, clientPort, ...options });
    return {
      clientPort,
      address: proxysql.address,
      dataFolder: proxysql.dataFolder,
      restart: () => proxysql.restart(),
      close: () => proxysql.close(),
      hold: async (servers) => {
        const client = await ClientOfProxy.connect(clientPort);
        for (const { hostgroup } of servers) await client.pin(hostgroup);
        return () => client.close();
      },
      leaveFree: async ({ hostgroup }) => {
        const client = await ClientOfProxy.connect(clientPort);
        await client.select(hostgroup);
        await client.close();
      },
    };
  };
}

/** Describes the same behaviour of the emulator, always, and of a real proxysql where there is one. */
export async function onEveryTarget(behaviour: string, body: (start: StartTarget) => void): Promise<void> {
  void describe(`${behaviour}: the emulator`, () => {
    body(startEmulator);
  });
  await onRealProxySql(behaviour, body);
}

/** Describes what only a real proxysql can show. */
export async function onRealProxySql(behaviour: string, body: (start: StartRealTarget) => void): Promise<void> {
  const proxysql = await findProxySql(process.env);
  void describe(`${behaviour}: proxysql ${proxysql?.version ?? ''}`, () => {
    if (proxysql !== null) body(realProxySqlStarter(proxysql.bin));
    else it('is not installed', { skip: 'install proxysql 2.7, or set PROXYSQL_BIN to its path' });
  });
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}
