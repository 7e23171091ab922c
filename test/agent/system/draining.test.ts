import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import {
  ack,
  groupReport,
  hostgroups,
  isAbsent,
  leaving,
  readerA,
  readerB,
  snapshot,
  writer,
} from '../fakes/updates.ts';
import { useWorld } from '../fakes/world.ts';

describe('an agent that drains', { timeout: 300_000 }, () => {
  const world = useWorld();

  it('waits for the last connection, deletes, and proves the address absent after the file is on disk', async () => {
    const call = await world.startWith(snapshot(1, [readerA, readerB]));
    world.emulator.setConnections({ hostgroup: 20, hostname: '10.0.0.2', port: 3306, used: 3 });
    call.send({ update: snapshot(2, [readerB], [leaving(readerA, 2)]) });
    const answer = await call.next(ack('n2'));
    assert.deepEqual(answer.removing, [
      { hostname: '10.0.0.2', port: 3306, connUsed: 3, reason: 'DRAINING', detail: '' },
    ]);
    assert.deepEqual(answer.absent, []);
    assert.ok((await world.person.servers('runtime_mysql_servers')).includes('20 10.0.0.2:3306 OFFLINE_SOFT'));
    world.emulator.setConnections({ hostgroup: 20, hostname: '10.0.0.2', port: 3306, used: 1 });
    await call.next(groupReport((report) => report.removing[0]?.connUsed === 1));
    world.emulator.setConnections({ hostgroup: 20, hostname: '10.0.0.2', port: 3306, used: 0 });
    const report = await call.next(groupReport(isAbsent(readerA, 2)));
    assert.deepEqual(report.removing, []);
    for (const table of ['runtime_mysql_servers', 'mysql_servers', 'disk.mysql_servers']) {
      assert.equal(
        (await world.person.servers(table)).some((row) => row.includes('10.0.0.2')),
        false,
        table,
      );
    }
    const file = await readFile(path.join(world.stateDir, 'last-known-good'), 'utf8');
    assert.match(file, /"revision":2/);
  });

  it('keeps the last reader that is online in runtime, until another one is', async () => {
    const call = await world.startWith(snapshot(1, [readerA, readerB]));
    world.emulator.shun({ hostname: '10.0.0.3', port: 3306 }, 'replicationLag');
    call.send({ update: snapshot(2, [readerB], [leaving(readerA, 2)]) });
    const answer = await call.next(ack('n2'));
    assert.equal(answer.removing[0]?.reason, 'LAST_READER');
    assert.ok((await world.person.servers('runtime_mysql_servers')).includes('20 10.0.0.2:3306 ONLINE'));
    world.emulator.unshun({ hostname: '10.0.0.3', port: 3306 });
    await call.next(groupReport(isAbsent(readerA, 2)));
  });

  it('brings a new reader in before the last old one goes', async () => {
    const call = await world.startWith(snapshot(1, [readerA]));
    const before = await world.loads();
    call.send({ update: snapshot(2, [readerB], [leaving(readerA, 2)]) });
    await call.next(groupReport(isAbsent(readerA, 2)));
    assert.equal(await world.loads(), before + 3);
    assert.deepEqual(await world.person.servers('runtime_mysql_servers'), [
      '10 10.0.0.1:3306 ONLINE',
      '20 10.0.0.3:3306 ONLINE',
    ]);
  });

  it('takes the row off the disk too, and no other one', async () => {
    const call = await world.startWith(snapshot(1, [readerA, readerB]));
    await world.person.run('SAVE MYSQL SERVERS TO DISK');
    call.send({ update: snapshot(2, [readerB], [leaving(readerA, 2)]) });
    await call.next(groupReport(isAbsent(readerA, 2)));
    assert.deepEqual(await world.person.servers('disk.mysql_servers'), [
      '10 10.0.0.1:3306 ONLINE',
      '20 10.0.0.3:3306 ONLINE',
    ]);
  });

  it("never calls an address absent that somebody else's hostgroup still holds", async () => {
    const call = await world.startWith(snapshot(1, [readerA, readerB]));
    await world.person.runAll([
      "INSERT INTO mysql_servers (hostgroup_id, hostname, port) VALUES (77, '10.0.0.2', 3306)",
      'LOAD MYSQL SERVERS TO RUNTIME',
    ]);
    call.send({ update: snapshot(2, [readerB], [leaving(readerA, 2)]) });
    assert.equal((await call.next(ack('n2'))).removing[0]?.reason, 'HELD_BY_FOREIGN_ROW');
    await world.person.runAll(['DELETE FROM mysql_servers WHERE hostgroup_id = 77', 'LOAD MYSQL SERVERS TO RUNTIME']);
    await call.next(groupReport(isAbsent(readerA, 2)));
  });

  it('drains every row of a removed group, its last reader too', async () => {
    const call = await world.startWith(snapshot(1, [readerA]));
    const removed = { ...hostgroups, leaving: [leaving(writer, 2), leaving(readerA, 2)] };
    call.send({ update: { nonce: 'n2', group: 'orders', revision: 2, hash: 'h2', removed } });
    await call.next(groupReport(isAbsent(readerA, 2)));
    await call.next(groupReport(isAbsent(writer, 2)));
    assert.deepEqual(await world.person.servers('runtime_mysql_servers'), []);
  });

  it('takes a stand-in out of the readers when a reader is back, and keeps it as writer', async () => {
    const standIn = { ...writer, hostgroup: 20, maxConnections: 10, comment: 'chester orders fallback' };
    const call = await world.startWith(snapshot(1, [standIn]));
    world.emulator.setConnections({ hostgroup: 10, hostname: '10.0.0.1', port: 3306, used: 5 });
    call.send({ update: snapshot(2, [readerA]) });
    await call.next(ack('n2'));
    call.send({ update: { ...snapshot(3, [readerA]) } });
    await call.next(ack('n3'));
    assert.deepEqual(await world.person.servers('runtime_mysql_servers'), [
      '10 10.0.0.1:3306 ONLINE',
      '20 10.0.0.2:3306 ONLINE',
    ]);
  });
});
