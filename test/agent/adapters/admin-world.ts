import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, before, beforeEach } from 'node:test';
import { ProxysqlAdmin } from '../../../agent/adapters/proxysql-admin.ts';
import { type ProxySqlEmulator, startProxySqlEmulator } from '../../../sandbox/proxysql/emulator.ts';

/** Where and as whom the tests of the admin interface log in. */
export const login = { user: 'admin', password: 'admin', host: '127.0.0.1', deadlineMs: 20_000, bootId: 'b' };

/** An emulated proxy, empty before each test, and what the agent has of it. */
class AdminWorld {
  emulator!: ProxySqlEmulator;
  proxy!: ProxysqlAdmin;
}

/** A world for the suite that is being described. Each test closes `proxy`. */
export function useAdminWorld(): AdminWorld {
  const world = new AdminWorld();
  before(async () => {
    world.emulator = await startProxySqlEmulator({ port: 0, loadCost: 'none' });
  });
  beforeEach(async () => {
    await world.emulator.restart();
    world.proxy = new ProxysqlAdmin({ ...login, port: world.emulator.port });
  });
  after(async () => {
    await world.emulator.close();
  });
  return world;
}

/** What of some bytes goes on. */
type Pass = (bytes: Buffer) => Buffer;

/** A relay before a port that passes on what `toServer` and `toClient` leave of what is sent at once. */
export async function startRelay(port: number, toServer: Pass, toClient: Pass) {
  const sockets: Socket[] = [];
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    sockets.push(client, upstream);
    client.on('data', (bytes) => upstream.write(toServer(bytes)));
    upstream.on('data', (bytes) => client.write(toClient(bytes)));
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
