import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ack, hostgroups, leaving, readerA, server, snapshot, writer } from '../fakes/updates.ts';
import { useWorld } from '../fakes/world.ts';

describe('an agent that applies', { timeout: 300_000 }, () => {
  const world = useWorld();

  it('writes a snapshot with one LOAD and answers with the proof', async () => {
    const before = await world.loads();
    const call = await world.startWith(snapshot(1, [readerA]));
    const answer = await call.next(ack('n1'));
    assert.match(answer.runtimeHash, /^[0-9a-f]{64}$/);
    assert.ok(answer.applyMicros > 0);
    assert.deepEqual(await world.person.servers('runtime_mysql_servers'), [
      '10 10.0.0.1:3306 ONLINE',
      '20 10.0.0.2:3306 ONLINE',
    ]);
    assert.equal(await world.loads(), before + 1);
    assert.equal(await world.ready(), 200);
  });

  it('says who it is before anything else, with the proxy it reached', async () => {
    await world.startAgent();
    const call = await world.coordinator.call(0);
    const hello = await call.next((message) => message.hello);
    assert.equal(call.received[0]?.hello, hello);
    assert.equal(hello.agentId, 'proxy-0');
    assert.equal(hello.fleet, 'shop');
    assert.equal(hello.podUid, 'uid-0');
    assert.match(hello.proxysqlVersion, /^\d+\.\d+/);
    assert.notEqual(hello.proxyBoot, '');
    assert.notEqual(hello.bootId, '');
    assert.deepEqual(hello.known, []);
    assert.equal(await world.ready(), 503);
  });

  it('answers an equal hash without a LOAD, at the new revision', async () => {
    const call = await world.startWith(snapshot(1, [readerA]));
    const before = await world.loads();
    call.send({ update: { ...snapshot(2, [readerA]), hash: 'h1' } });
    assert.equal((await call.next(ack('n2'))).revision, 2);
    assert.equal(await world.loads(), before);
  });

  it('leaves rows that are not its own byte for byte', async () => {
    const foreign =
      "INSERT INTO mysql_servers (hostgroup_id, hostname, port, comment) VALUES (77, 'other', 3306, 'it''s mine')";
    await world.person.runAll([foreign, 'LOAD MYSQL SERVERS TO RUNTIME']);
    const select = 'SELECT * FROM mysql_servers WHERE hostgroup_id = 77';
    const before = await world.person.run(select);
    const call = await world.startWith(snapshot(1, [readerA]));
    call.send({ update: snapshot(2, [], [leaving(readerA, 2)]) });
    await call.next(ack('n2'));
    assert.deepEqual(await world.person.run(select), before);
  });

  it('keeps what a row has in columns that no snapshot names', async () => {
    await world.person.runAll([
      "INSERT INTO mysql_servers (hostgroup_id, hostname, port, gtid_port, compression, max_latency_ms) VALUES (20, '10.0.0.2', 3306, 3310, 1, 77)",
      'LOAD MYSQL SERVERS TO RUNTIME',
    ]);
    const adopting = snapshot(1, [readerA]);
    adopting.snapshot = { ...adopting.snapshot, policy: { adoptExisting: true } };
    await world.startWith(adopting);
    const select =
      'SELECT gtid_port, compression, max_latency_ms, weight FROM runtime_mysql_servers WHERE hostgroup_id = 20';
    assert.deepEqual(await world.person.run(select), [['3310', '1', '77', '1000']]);
  });

  it("holds while a LOAD would publish a person's pending edit, and goes on under the same nonce", async () => {
    await world.person.run("INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (77, 'pending')");
    await world.startAgent();
    const call = await world.welcome();
    call.send({ update: snapshot(1, [readerA]) });
    const answer = await call.next(ack('n1', 'RETRYING'));
    assert.equal(answer.error?.code, 'FOREIGN_PENDING');
    assert.match(answer.error.message, /added: hostgroup 77 pending:3306/);
    assert.deepEqual(await world.person.servers('runtime_mysql_servers'), []);
    await world.person.run("DELETE FROM mysql_servers WHERE hostname = 'pending'");
    await call.next(ack('n1'));
  });

  it('retries what ProxySQL refuses for now', async () => {
    await world.startAgent();
    const call = await world.welcome();
    await world.person.run('PROXYSQL READONLY');
    call.send({ update: snapshot(1, [readerA]) });
    const answer = await call.next(ack('n1', 'RETRYING'));
    assert.equal(answer.error?.code, 'ADMIN_STATEMENT_FAILED');
    assert.match(answer.error.message, /readonly/);
    await world.person.run('PROXYSQL READWRITE');
    await call.next(ack('n1'));
  });

  it('refuses a snapshot that cannot be right, and says which row', async () => {
    await world.startAgent();
    const call = await world.welcome();
    call.send({ update: snapshot(1, [server(20, "10.0.0.2'; DROP", { weight: 1 })]) });
    const answer = await call.next(ack('n1', 'REJECTED'));
    assert.equal(answer.error?.code, 'INVALID_SNAPSHOT');
    assert.match(answer.error.message, /10\.0\.0\.2'; DROP/);
  });

  it('swaps a writer in two loads, the old one out first', async () => {
    const call = await world.startWith(snapshot(1, [readerA]));
    const before = await world.loads();
    const next = server(10, '10.0.0.9');
    const body = { group: 'orders', ...hostgroups, servers: [next, readerA], leaving: [leaving(writer, 2)] };
    world.emulator.setConnections({ hostgroup: 10, hostname: '10.0.0.1', port: 3306, used: 1 });
    call.send({ update: { nonce: 'n2', group: 'orders', revision: 2, hash: 'h2', snapshot: body } });
    await call.next(ack('n2'));
    assert.equal(await world.loads(), before + 2);
    assert.deepEqual(await world.person.servers('runtime_mysql_servers'), [
      '10 10.0.0.1:3306 OFFLINE_SOFT',
      '10 10.0.0.9:3306 ONLINE',
      '20 10.0.0.2:3306 ONLINE',
    ]);
  });
});
