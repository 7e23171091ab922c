import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startProxySqlEmulator } from '../../../sandbox/proxysql/emulator.ts';
import { AdminClient } from './admin-client.ts';
import { Backends } from './backends.ts';

const running = 'SELECT status FROM runtime_mysql_servers';

it(
  'an emulator that recovers ends a shun by itself once pings succeed, as traffic does',
  { timeout: 300_000 },
  async () => {
    const servers = await Backends.create();
    const server = await servers.start('mended');
    const configuredServers = [{ hostgroup: 10, ...server }];
    const emulator = await startProxySqlEmulator({ port: 0, configuredServers, monitor: true, recovers: true });
    const client = await AdminClient.connect(emulator.address);
    try {
      await client.run(
        ...['mysql-monitor_ping_interval=100', 'mysql-shun_recovery_time_sec=1'].map((change) => `SET ${change}`),
        'LOAD MYSQL VARIABLES TO RUNTIME',
      );
      await servers.stop('mended');
      await client.until(running, [['SHUNNED']]);
      await new Promise((resolve) => setTimeout(resolve, 1200));
      assert.deepEqual(await client.rows(running), [['SHUNNED']], 'it does not answer yet');
      await servers.start('mended', {}, server);
      await client.until(running, [['ONLINE']]);
    } finally {
      client.close();
      await emulator.close();
      await servers.close();
    }
  },
);
