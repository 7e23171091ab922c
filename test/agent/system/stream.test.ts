import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ack, groupReport, readerA, readerB, snapshot } from '../fakes/updates.ts';
import { useWorld } from '../fakes/world.ts';

describe('the stream between an agent and a coordinator', { timeout: 300_000 }, () => {
  const world = useWorld();

  it('refuses a coordinator whose epoch is lower than one it saw, also after its own restart', async () => {
    await world.startAgent();
    const first = await world.welcome(0, 7);
    first.send({ syncDone: {} });
    await first.next((message) => message.report);
    await world.stopAgent();
    await world.startAgent();
    const second = await world.welcome(1, 6);
    assert.equal((await second.next((message) => message.hello)).maxEpoch, 7);
    second.send({ update: snapshot(1, [readerA]) });
    await second.ended;
    assert.deepEqual(await world.person.servers('mysql_servers'), []);
  });

  it('refuses an older revision under the same epoch, takes it under a newer one', async () => {
    const call = await world.startWith(snapshot(5, [readerA]));
    call.send({ update: snapshot(4, [readerB]) });
    assert.equal((await call.next(ack('n4', 'REJECTED'))).error?.code, 'STALE_REVISION');
    call.end();
    const next = await world.welcome(1, 2);
    next.send({ update: snapshot(4, [readerB]) });
    await next.next(ack('n4'));
  });

  it('keeps the rows of a group that the coordinator does not know', async () => {
    const call = await world.startWith(snapshot(1, [readerA]));
    const { runtimeHash } = await call.next(ack('n1'));
    call.send({ update: { nonce: 'u', group: 'orders', revision: 0, hash: '', unknown: {} } });
    assert.equal((await call.next(ack('u'))).runtimeHash, runtimeHash);
    assert.equal((await world.person.servers('runtime_mysql_servers')).length, 2);
  });

  it('says Goodbye with the clients still connected', async () => {
    world.emulator.setClientConnections(12);
    const call = await world.startWith(snapshot(1, [readerA]));
    await world.stopAgent();
    assert.deepEqual(await call.next((message) => message.goodbye), { clients: 12, paused: false });
  });

  it('names rows in its hostgroups that no snapshot ever named, and leaves them', async () => {
    const call = await world.startWith(snapshot(1, [readerA]));
    await world.person.runAll([
      "INSERT INTO mysql_servers (hostgroup_id, hostname, port) VALUES (20, 'legacy', 3306)",
      'LOAD MYSQL SERVERS TO RUNTIME',
    ]);
    call.send({ update: snapshot(2, [readerA, readerB]) });
    const report = await call.next(groupReport((one) => one.unmanaged.length > 0));
    assert.deepEqual(report.unmanaged, [{ hostname: 'legacy', port: 3306 }]);
    assert.ok((await world.person.servers('runtime_mysql_servers')).includes('20 legacy:3306 ONLINE'));
  });

  it('shows what it would do to a proxy that serves the hostgroups already, and waits for the word', async () => {
    await world.person.runAll([
      "INSERT INTO mysql_servers (hostgroup_id, hostname, port) VALUES (20, 'legacy', 3306)",
      'LOAD MYSQL SERVERS TO RUNTIME',
    ]);
    await world.startAgent();
    const call = await world.welcome();
    call.send({ update: snapshot(1, [readerA]) });
    const answer = await call.next(ack('n1', 'RETRYING'));
    assert.equal(answer.error?.code, 'ADOPTION_REQUIRED');
    assert.match(answer.error.message, /20 legacy:3306 .*would be drained; to be added: .*20 10\.0\.0\.2:3306/);
    assert.deepEqual(await world.person.servers('mysql_servers'), ['20 legacy:3306 ONLINE']);
    const adopting = snapshot(2, [readerA]);
    adopting.snapshot = { ...adopting.snapshot, policy: { adoptExisting: true } };
    call.send({ update: adopting });
    await call.next(ack('n2'));
    assert.deepEqual(await world.person.servers('runtime_mysql_servers'), [
      '10 10.0.0.1:3306 ONLINE',
      '20 10.0.0.2:3306 ONLINE',
    ]);
  });

  it('reports the load of its servers at the interval of the Welcome', async () => {
    await world.startAgent();
    const call = await world.coordinator.call(0);
    call.send({ welcome: { coordinatorId: 'c', epoch: 1, reportIntervalMs: 1, applyDeadlineMs: 5000 } });
    call.send({ update: snapshot(1, [readerA]) });
    await call.next(ack('n1'));
    world.emulator.setConnections({ hostgroup: 20, hostname: '10.0.0.2', port: 3306, used: 4, free: 2, queries: 77 });
    const report = await call.next((message) => message.report?.servers.find(({ connUsed }) => connUsed === 4));
    assert.deepEqual([report.hostgroup, report.hostname, report.status], [20, '10.0.0.2', 'ONLINE']);
    assert.deepEqual([report.connFree, report.queries], [2, 77]);
  });
});
