import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AgentCall, AgentStream, type AgentStreamDeps } from '../../../coordinator/api/agent-stream.ts';
import type { Hello__Output } from '../../../proto/gen/chester/v1/Hello.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

const frame = Buffer.from('12345bytes');

/** A stream whose agent reads when a test lets it. */
function setUp() {
  const clock = new FakeClock();
  const call = {
    ...{ writableEnded: false, cancelled: false, writableLength: 0 },
    write(message: Buffer) {
      this.writableLength += message.length;
    },
  };
  const hello = {
    ...{ agentId: 'a', bootId: 'b', cell: 'default', fleet: 'main', podUid: 'p', proxysqlVersion: '2.7.3' },
    ...{ proxyBoot: 'x', known: [], received: [], maxEpoch: 0, refusal: null },
  } satisfies Partial<Hello__Output>;
  const deps = { clock, facts: {} } as unknown as AgentStreamDeps;
  const start = { joinedAtRelease: 0, rejections: new Map() };
  const stream = new AgentStream(call as unknown as AgentCall, hello, start, deps);
  return { clock, call, stream };
}

describe('AgentStream, what the agent reads', () => {
  it('is stalled when nothing was read for so long', async () => {
    const { clock, stream } = setUp();
    assert.equal(stream.isStalled(10_000), false);
    stream.send(frame);
    await clock.advance(9_999);
    assert.equal(stream.isStalled(10_000), false);
    stream.send(frame);
    await clock.advance(1);
    assert.equal(stream.isStalled(10_000), true);
  });

  it('is not stalled because there is something to read at each of two looks', async () => {
    const { clock, call, stream } = setUp();
    for (let looks = 0; looks < 5; looks += 1) {
      stream.send(frame);
      assert.equal(stream.isStalled(10_000), false);
      call.writableLength = 0;
      await clock.advance(10_000);
    }
  });
});
