import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AdminClient } from '../fakes/admin-client.ts';
import { ack, readerA, snapshot } from '../fakes/updates.ts';
import { useWorld, waitFor } from '../fakes/world.ts';

const token = 'a-token-of-this-pod';
const drain = { token, endpointsMs: 0, deadlineMs: 60_000, onStop: false };

describe('life beside the pod', { timeout: 300_000 }, () => {
  const world = useWorld();
  const get = (path: string, port = world.httpPort): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
  const isPaused = async (): Promise<boolean> => {
    const value = "SELECT Variable_Value FROM stats_mysql_global WHERE Variable_Name = 'mysql_listener_paused'";
    return (await world.person.run(value))[0]?.[0] === 'true';
  };

  describe('a drain', () => {
    it('takes readiness away, pauses, waits for the last client, leaves, and answers all who asked', async () => {
      const call = await world.startWith(snapshot(1, [readerA]), { drain });
      world.emulator.setClientConnections(2);
      assert.equal((await get('/drain?token=guessed')).status, 403);
      assert.equal(await world.ready(), 200);
      const answers = [get(`/drain?token=${token}`), get(`/drain?token=${token}`)];
      await waitFor(isPaused);
      assert.equal(await world.ready(), 503);
      call.send({ update: snapshot(2, []) });
      await call.next(ack('n2'));
      world.emulator.setClientConnections(0);
      const goodbye = await call.next((message) => message.goodbye);
      assert.deepEqual(goodbye, { clients: 0, paused: true });
      const [one, two] = await Promise.all(answers.map(async (answer) => (await answer).json()));
      assert.deepEqual(one, two);
      assert.deepEqual({ ...(one as object), tookMs: 0 }, { clients: 0, paused: true, tookMs: 0 });
      await world.stopAgent();
      assert.equal(world.coordinator.calls.length, 1);
      assert.equal(call.received.filter((message) => message.goodbye).length, 1);
    });

    it('on stop too, when it was told to', async () => {
      const call = await world.startWith(snapshot(1, [readerA]), { drain: { ...drain, onStop: true } });
      world.emulator.setClientConnections(1);
      const stopped = world.stopAgent();
      await waitFor(isPaused);
      world.emulator.setClientConnections(0);
      await stopped;
      assert.deepEqual(await call.next((message) => message.goodbye), { clients: 0, paused: true });
    });

    it('is undone by the next agent, once a coordinator has said what to serve', async () => {
      await world.startWith(snapshot(1, [readerA]), { drain });
      await get(`/drain?token=${token}`);
      await world.stopAgent();
      await world.startAgent();
      assert.equal(await isPaused(), true);
      const again = await world.welcome(1);
      assert.equal(await world.ready(), 503);
      again.send({ syncDone: {} });
      await waitFor(async () => (await world.ready()) === 200);
      assert.equal(await isPaused(), false);
    });

    it('is over with the ProxySQL that it drained: another one serves once a coordinator has said what', async () => {
      await world.startWith(snapshot(1, [readerA]), { drain });
      await get(`/drain?token=${token}`);
      assert.equal(await world.ready(), 503);
      await world.emulator.restart();
      world.person.close();
      world.person = await AdminClient.connect(world.emulator.port);
      const again = await world.welcome(1);
      assert.equal(await world.ready(), 503);
      again.send({ syncDone: {} });
      await waitFor(async () => (await world.ready()) === 200);
      assert.equal(await isPaused(), false);
    });

    it("of a person's is left alone", async () => {
      await world.person.run('PROXYSQL PAUSE');
      await world.startWith(snapshot(1, [readerA]));
      await waitFor(async () => (await world.ready()) === 200);
      assert.equal(await isPaused(), true);
    });
  });

  it('a second agent leaves the first alone, and takes over when that has stopped', async () => {
    const call = await world.startWith(snapshot(1, [readerA]));
    const { lifecycle, port } = await world.startAnother('proxy-1');
    let reason = '';
    await waitFor(async () => {
      reason = await (await get('/healthz/ready', port)).text();
      return reason.includes('proxy-0');
    });
    assert.match(reason, /agent proxy-0 manages this ProxySQL/);
    assert.equal((await get('/healthz/live', port)).status, 200);
    call.send({ update: snapshot(2, []) });
    await call.next(ack('n2'));
    const refused = await (await world.coordinator.call(1)).next((message) => message.hello);
    assert.deepEqual([refused.agentId, refused.refusal?.code, refused.known], ['proxy-1', 'OTHER_AGENT', []]);
    await lifecycle.stop();
    await world.stopAgent();
    const third = await world.startAnother('proxy-2');
    const hello = await (await world.coordinator.call(2)).next((message) => message.hello);
    assert.deepEqual([hello.agentId, hello.refusal], ['proxy-2', null]);
    await third.lifecycle.stop();
  });

  it('a ProxySQL that is too old is not managed', async () => {
    await world.person.run(
      "UPDATE global_variables SET variable_value = '2.4.8' WHERE variable_name = 'admin-version'",
    );
    await world.startAgent();
    await waitFor(async () => (await (await get('/healthz/ready')).text()).includes('ProxySQL 2.4.8 is too old'));
    const person = await AdminClient.connect(world.emulator.port);
    await assert.rejects(person.run('SELECT * FROM main.chester_agent'), /no such table/);
    person.close();
    const hello = await (await world.coordinator.call(0)).next((message) => message.hello);
    assert.equal(hello.refusal?.code, 'PROXYSQL_UNSUPPORTED');
  });
});
