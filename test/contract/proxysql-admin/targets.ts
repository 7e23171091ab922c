import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ConfiguredServer } from '../../../sandbox/proxysql/config-layers.ts';
import { startProxySqlEmulator } from '../../../sandbox/proxysql/emulator.ts';
import { startRealProxySql } from '../../../sandbox/proxysql/real-proxysql.ts';
import type { Target } from './replay.ts';

/** Starts a fresh interface whose configuration file names these servers. */
export type StartTarget = (configuredServers: readonly ConfiguredServer[]) => Promise<Target>;

/** Starts an emulator with its disk database in a folder of its own. */
export const startEmulator: StartTarget = async (configuredServers) => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'chester-emulator-'));
  const dataFile = join(dataFolder, 'proxysql.db');
  const emulator = await startProxySqlEmulator({ port: 0, dataFile, loadCost: 'none', configuredServers });
  return {
    address: emulator.address,
    dataFolder,
    restart: () => emulator.restart(),
    close: async () => {
      await emulator.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
};

/** Starts real processes of this binary. */
export function realProxySqlStarter(bin: string): StartTarget {
  return async (configuredServers) =>
    startRealProxySql({ bin, adminPort: await freePort(), clientPort: await freePort(), configuredServers });
}

function freePort(): Promise<number> {
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
