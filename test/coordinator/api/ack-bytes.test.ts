import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPlainAck } from '../../../coordinator/api/ack-bytes.ts';
import type { Ack } from '../../../proto/gen/chester/v1/Ack.ts';
import type { AgentMessage } from '../../../proto/gen/chester/v1/AgentMessage.ts';
import type { AgentMessage__Output } from '../../../proto/gen/chester/v1/AgentMessage.ts';
import { loadChesterV1 } from '../../../proto/load.ts';
import { fc } from '../../properties.ts';

const { Connect } = loadChesterV1().AgentService.service;
const encode = Connect.requestSerialize as (message: AgentMessage) => Buffer;
const decode = Connect.requestDeserialize as (bytes: Buffer) => AgentMessage__Output;

const number = fc.constantFrom(0, 1, 127, 128, 55_000, 2 ** 40, Number.MAX_SAFE_INTEGER);
const ack: fc.Arbitrary<Ack> = fc.record(
  {
    nonce: fc.constantFrom('', '7', 'x'.repeat(200)),
    group: fc.constantFrom('', 'orders', 'größer'),
    revision: number,
    status: fc.constantFrom('ACK_STATUS_APPLIED', 'ACK_STATUS_APPLIED', 'ACK_STATUS_REJECTED', 'ACK_STATUS_RETRYING'),
    runtimeHash: fc.constantFrom('', 'a'.repeat(64)),
    applyMicros: number,
    removing: fc.constantFrom([], [], [{ hostname: '10.0.0.1', port: 3306 }]),
    absent: fc.constantFrom([], [], [{ hostname: '10.0.0.2', port: 3306, revision: 4 }]),
    error: fc.constantFrom(null, null, { code: 'X', message: 'no' }),
  },
  { requiredKeys: ['nonce', 'status'] },
);
const plain = { nonce: '7', group: 'orders', revision: 12, status: 'ACK_STATUS_APPLIED', applyMicros: 1500 } as const;

describe('readPlainAck', () => {
  it('reads what the decoder reads, or leaves it to that', () => {
    fc.assert(
      fc.property(ack, (one) => {
        const bytes = encode({ ack: one });
        const found = readPlainAck(bytes);
        if (found !== null) assert.deepEqual({ ...found.ack }, { ...decode(bytes).ack });
      }),
    );
  });

  it('reads nearly every answer', () => {
    assert.equal(readPlainAck(encode({ ack: plain }))?.ack?.revision, 12);
    assert.equal(readPlainAck(encode({ ack: { ...plain, status: 'ACK_STATUS_REJECTED' } })), null);
    assert.equal(readPlainAck(encode({ ack: { ...plain, removing: [{ hostname: 'a', port: 1 }] } })), null);
    assert.equal(readPlainAck(encode({ report: { proxyBoot: 'x' } })), null);
  });

  it('leaves to the decoder whatever is broken', () => {
    const bytes = encode({ ack: { ...plain, runtimeHash: 'a'.repeat(64) } });
    for (let length = 0; length < bytes.length; length += 1) {
      assert.equal(readPlainAck(bytes.subarray(0, length)), null);
    }
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const broken = Buffer.from(bytes);
        broken[at] = byte;
        const found = readPlainAck(broken);
        if (found !== null) assert.deepEqual({ ...found.ack }, { ...decode(broken).ack });
      }),
    );
  });
});
