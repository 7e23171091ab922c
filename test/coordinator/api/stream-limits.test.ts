import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import type { AgentStream } from '../../../coordinator/api/agent-stream.ts';
import { AgentStreamWatch } from '../../../coordinator/api/agent-stream-watch.ts';
import { AgentVotes } from '../../../coordinator/api/agent-votes.ts';
import { Pump } from '../../../coordinator/api/pump.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { published } from '../builders.ts';
import { eventually, TestServer } from './server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await new TestServer().start();
});
afterEach(() => server.stop());

/** Holds what new agents wait for before they are taken in. */
function holdEpochs(): { readonly release: () => void; readonly waiting: () => number } {
  let [release, waiting] = [(): void => undefined, 0];
  const held = new Promise<void>((resolve) => (release = resolve));
  server.roster.noteEpochAhead = () => {
    waiting += 1;
    return held;
  };
  return { release, waiting: () => waiting };
}

describe('AgentStreams, two processes with one agent id', () => {
  it('takes one of two that come at the same moment', async () => {
    const epochs = holdEpochs();
    const maxEpoch = server.term.fencingToken + 5;
    const agents = ['b1', 'b2'].map((bootId) => {
      const agent = server.agent();
      agent.hello({ bootId, maxEpoch });
      return agent;
    });
    await eventually(() => epochs.waiting() === 2, 'both wait');
    epochs.release();
    const first = await Promise.race(agents.map(({ ended }) => ended));
    assert.equal(first.code, status.ALREADY_EXISTS);
    await eventually(() => server.streams.connected.length === 1, 'one stays');
    const [open] = server.streams.connected;
    assert.equal(open?.isOver, false);
  });
});

describe('AgentStreams, an agent that is not taken in yet', () => {
  it('cannot fill the memory, and is heard afterwards', async () => {
    const { roster } = server;
    const enrol = roster.enrol.bind(roster);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    roster.enrol = async (...asked) => {
      await held;
      return enrol(...asked);
    };
    server.streams.offer(published());
    const agent = server.agent();
    agent.hello();
    await agent.next('welcome');
    const count = 2000;
    for (let clients = 1; clients <= count; clients += 1) agent.send({ report: { clientsConnected: clients } });
    const [stream] = server.streams.connected;
    await eventually(() => (stream?.call.readableLength ?? 0) > 0, 'some arrives');
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert((stream?.call.readableLength ?? 0) <= 20, `${stream?.call.readableLength} messages wait`);
    release();
    await eventually(() => stream?.reports.clientsConnected === count, 'all are heard');
  });
});

describe('AgentStreams, stopping', () => {
  it('lets nobody in any more', async () => {
    await server.streams.stop();
    const agent = server.agent();
    agent.hello();
    assert.equal((await agent.ended).code, status.UNAVAILABLE);
    assert.deepEqual(server.streams.connected, []);
  });

  it('sends hundreds of agents away, however many turns that takes', async () => {
    const agents = await Promise.all(
      Array.from({ length: 120 }, (_, index) => server.joined({ agentId: `a${index}` })),
    );
    await server.streams.stop();
    for (const agent of agents) {
      assert.equal((await agent.ended).code, status.UNAVAILABLE);
      assert(agent.received.some(({ reconnect }) => reconnect));
    }
  });
});

describe('AgentStreams, resync of one agent', () => {
  it('asks the others for nothing that they refused', async () => {
    server.streams.offer(published());
    const error = { code: 'X', message: 'no' };
    for (const agentId of ['a', 'b']) {
      const agent = await server.joined({ agentId });
      agent.ack(agent.received.find(({ update }) => update)!.update!, 'ACK_STATUS_REJECTED', { error });
      await eventually(() => server.streams.connected[0]?.subscription('orders').state === 'REJECTED', 'it refuses');
      agent.cancel();
      await eventually(() => server.streams.connected.length === 0, 'its stream is gone');
    }
    server.streams.resync('orders', 'a');
    assert.equal((await server.joined({ agentId: 'b' })).updates().length, 0);
    assert.equal((await server.joined({ agentId: 'a' })).updates().length, 1);
  });
});

describe('AgentVotes', () => {
  it('gives a stream up whose votes are not stored for too long', () => {
    const failures: unknown[] = [];
    const never = () => new Promise<never>(() => undefined);
    const deps = { facts: { enrol: never, recordVotes: never }, isRetired: () => false };
    const names = { agentId: 'a', fleet: 'main', cell: 'default', podUid: 'p', proxyBoot: 'x' };
    const votes = new AgentVotes(names, false, { ...deps, onFailure: (error) => failures.push(error) });
    const told = { removing: [], absent: [{ hostname: 'h', port: 3306, revision: 1 }] };
    for (let times = 0; times < 5000; times += 1) votes.record('orders', told);
    assert.deepEqual(failures, []);
    votes.record('orders', told);
    assert.equal(failures.length, 1);
  });
});

describe('AgentStreamWatch', () => {
  it('does not begin to look again before it has looked at all', async () => {
    const clock = new FakeClock();
    const turns: (() => void)[] = [];
    const pump = new Pump<AgentStream>((turn) => turns.push(turn));
    let looks = 0;
    const stream = () => ({ checkDeadlines: () => ((looks += 1), 'waiting') }) as unknown as AgentStream;
    const deps = { clock, pump, log: createLogger('test', 'silent'), term: { fencingToken: 1 } };
    const watch = new AgentStreamWatch({ ...deps, disconnect: () => undefined } as never, {
      ...{ applyDeadlineMs: 1000, bookmarkIntervalMs: 1000, stalledMaxMs: 1000 },
    });
    for (let count = 0; count < 120; count += 1) watch.expectAnswer(stream());
    watch.start();
    await clock.advance(1000);
    assert.equal(looks, 50, 'ten ticks, one turn');
    while (turns.length > 0) turns.shift()?.();
    assert.equal(looks, 120);
    await clock.advance(100);
    assert.equal(looks, 170);
    watch.stop();
  });

  it('tells an idle agent once an interval that the coordinator lives, and looks more often whether it reads', async () => {
    const clock = new FakeClock();
    const pump = new Pump<AgentStream>((turn) => {
      turn();
    });
    const told = new Array<number>(40).fill(0);
    const looks = new Array<number>(40).fill(0);
    const streams = told.map((_, index) => ({
      isStalled: () => {
        looks[index] = (looks[index] ?? 0) + 1;
        return false;
      },
      send: () => {
        told[index] = (told[index] ?? 0) + 1;
      },
    }));
    const deps = { clock, pump, log: createLogger('test', 'silent'), term: { fencingToken: 1 } };
    const watch = new AgentStreamWatch({ ...deps, disconnect: () => undefined } as never, {
      ...{ applyDeadlineMs: 1000, bookmarkIntervalMs: 30_000, stalledMaxMs: 1000 },
    });
    for (const stream of streams) watch.add(stream as unknown as AgentStream);
    watch.start();
    for (let second = 1; second <= 10; second += 1) await clock.advance(1000);
    assert.deepEqual(new Set(looks), new Set([1]), 'all within ten seconds');
    const sum = (counts: readonly number[]): number => counts.reduce((total, one) => total + one, 0);
    assert(sum(told) > 8 && sum(told) < 24, `a third hears within a third of the interval, not ${sum(told)}`);
    for (let second = 11; second <= 60; second += 1) await clock.advance(1000);
    assert.deepEqual(new Set(told), new Set([2]));
    watch.stop();
  });
});
