import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { AdminClient } from '../fakes/admin-client.ts';
import { ack, groupReport, isAbsent, leaving, readerA, readerB, server, snapshot } from '../fakes/updates.ts';
import { useWorld, waitFor } from '../fakes/world.ts';

describe('restarts', { timeout: 300_000 }, () => {
  const world = useWorld();

  describe('a proxy that restarts', () => {
    it('gets everything again, and the coordinator the new boot', async () => {
      const call = await world.startWith(snapshot(1, [readerA]));
      const { proxyBoot } = await call.next((message) => message.hello);
      await world.emulator.restart();
      const report = await call.next((message) =>
        message.report !== null && message.report !== undefined && message.report.proxyBoot !== proxyBoot
          ? message.report
          : null,
      );
      assert.notEqual(report.proxyBoot, '');
      call.send({ update: snapshot(2, [readerA]) });
      await call.next(ack('n2'));
      world.person.close();
      world.person = await AdminClient.connect(world.emulator.port);
      assert.deepEqual(await world.person.servers('runtime_mysql_servers'), [
        '10 10.0.0.1:3306 ONLINE',
        '20 10.0.0.2:3306 ONLINE',
      ]);
    });
  });

  describe('an agent that restarts', () => {
    it('serves its last known good without a coordinator, and is ready', async () => {
      await world.startWith(snapshot(1, [readerA]));
      await world.stopAgent();
      world.coordinator.stop();
      await world.person.runAll(['DELETE FROM mysql_servers', 'LOAD MYSQL SERVERS TO RUNTIME']);
      await world.startAgent();
      await waitFor(async () => (await world.ready()) === 200);
      assert.deepEqual(await world.person.servers('runtime_mysql_servers'), [
        '10 10.0.0.1:3306 ONLINE',
        '20 10.0.0.2:3306 ONLINE',
      ]);
      assert.equal((await stat(path.join(world.stateDir, 'last-known-good'))).mode & 0o777, 0o600);
    });

    it('leaves owned servers of a too old file out', async () => {
      const fixed = server(20, '10.0.0.4');
      await world.startAgent();
      const first = await world.welcome();
      first.send({ update: snapshot(1, [{ ...readerA, owned: true }, fixed]) });
      first.send({ syncDone: {} });
      const waiting = await first.next(ack('n1', 'RETRYING'));
      assert.equal(waiting.error?.code, 'WARMING');
      await world.person.run(
        'INSERT INTO monitor.mysql_server_ping_log ' +
          "VALUES ('10.0.0.2', 3306, strftime('%s', 'now') * 1000000 + 999999, 1, NULL)",
      );
      await first.next(ack('n1'));
      await world.stopAgent();
      await world.person.runAll(['DELETE FROM mysql_servers', 'LOAD MYSQL SERVERS TO RUNTIME']);
      await world.startAgent({ lastKnownGoodMaxAgeMs: -1 });
      const call = await world.coordinator.call(1);
      await call.next((message) => message.hello);
      assert.deepEqual(await world.person.servers('runtime_mysql_servers'), [
        '10 10.0.0.1:3306 ONLINE',
        '20 10.0.0.4:3306 ONLINE',
      ]);
    });

    it('tells a new coordinator what it has proven, and all votes again', async () => {
      const call = await world.startWith(snapshot(1, [readerA, readerB]));
      call.send({ update: snapshot(2, [readerB], [leaving(readerA, 2)]) });
      await call.next(groupReport(isAbsent(readerA, 2)));
      call.end();
      const again = await world.welcome(1);
      const hello = await again.next((message) => message.hello);
      assert.deepEqual(hello.known, [{ group: 'orders', revision: 2, hash: 'h2' }]);
      again.send({ syncDone: {} });
      await again.next(groupReport(isAbsent(readerA, 2)));
    });
  });
});
