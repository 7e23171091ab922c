import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ProxySqlEmulator, startProxySqlEmulator } from '../../sandbox/proxysql/emulator.ts';
import { AdminClient } from '../agent/fakes/admin-client.ts';
import { BundledAgent, bundleFolder } from '../agent/fakes/bundled-agent.ts';
import { TestCoordinator } from '../agent/fakes/coordinator.ts';
import { ack, readerA, snapshot } from '../agent/fakes/updates.ts';

/** What may have become of the code cache since the build. */
const codeCaches: readonly { readonly name: string; readonly change: (file: string) => Promise<void> }[] = [
  { name: 'with its code cache', change: () => Promise.resolve() },
  { name: 'without its code cache', change: (file) => rm(file) },
  { name: "with another Node's code cache", change: (file) => writeFile(file, 'of another version') },
];

for (const { name, change } of codeCaches) {
  describe(`the bundled agent, away from its packages, ${name}`, { timeout: 300_000 }, () => {
    const coordinator = new TestCoordinator();
    let emulator: ProxySqlEmulator;
    let person: AdminClient;
    let stateDir: string;
    let agent: BundledAgent;

    before(async () => {
      stateDir = await mkdtemp(path.join(tmpdir(), 'chester-bundle-'));
      const folder = path.join(stateDir, 'bundle');
      await cp(bundleFolder, folder, { recursive: true });
      await change(path.join(folder, 'agent.cache'));
      emulator = await startProxySqlEmulator({ port: 0, loadCost: 'none' });
      person = await AdminClient.connect(emulator.port);
      const coordinatorPort = await coordinator.start();
      agent = new BundledAgent({ folder, coordinatorPort, adminPort: emulator.port, stateDir });
    });
    after(async () => {
      await agent.stop();
      person.close();
      coordinator.stop();
      await emulator.close();
      await rm(stateDir, { recursive: true, force: true });
    });

    const status = async (probe: string) => (await fetch(`${await agent.httpUrl()}/healthz/${probe}`)).status;

    it('starts, and is not ready before it was told what to serve', async () => {
      assert.deepEqual([await status('started'), await status('live'), await status('ready')], [200, 200, 503]);
    });

    it('applies a snapshot, and is ready', async () => {
      const call = await coordinator.call(0);
      await call.next((message) => message.hello);
      call.send({ welcome: { coordinatorId: 'c', epoch: 1, reportIntervalMs: 3_600_000, applyDeadlineMs: 5000 } });
      const comment = 'chester orders ünïcode 🦭';
      call.send({ update: snapshot(1, [{ ...readerA, comment }]) });
      call.send({ syncDone: {} });
      await call.next(ack('n1'));
      const served = ['10 10.0.0.1:3306 ONLINE', '20 10.0.0.2:3306 ONLINE'];
      assert.deepEqual(await person.servers('runtime_mysql_servers'), served);
      assert.equal(await status('ready'), 200);
    });

    it('shows its metrics', async () => {
      const text = await (await fetch(`${await agent.httpUrl()}/metrics`)).text();
      assert.match(text, /^chester_agent_groups_settled 1$/m);
      assert.match(text, /^process_resident_memory_bytes \d+$/m);
    });

    it('says Goodbye on SIGTERM and ends', async () => {
      assert.equal(await agent.stop(), 0);
      const call = await coordinator.call(0);
      assert.deepEqual(await call.next((message) => message.goodbye), { clients: 0, paused: false });
    });
  });
}
