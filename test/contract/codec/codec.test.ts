import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MessageTypeDefinition } from '@grpc/proto-loader';
import { fc } from '../../properties.ts';
import { parseCoordinatorMessage } from '../../../agent/adapters/wire.ts';
import * as agentCodec from '../../../proto/codec/chester/v1/agent.ts';
import * as snapshotCodec from '../../../proto/codec/chester/v1/snapshot.ts';
import { loadChesterV1 } from '../../../proto/load.ts';
import { arbitraryMessage, type Message, messages, withoutDefaults, withoutUnset } from './messages.ts';

/** One message type in both codecs: the agent's own, and proto-loader's, which coordinators use. */
type Codec = {
  readonly encode: (message: Message) => { readonly finish: () => Uint8Array };
  readonly decode: (bytes: Uint8Array) => Message;
};
type Loader = MessageTypeDefinition<Message, Message>;

const own = { ...snapshotCodec, ...agentCodec } as unknown as Readonly<Record<string, Codec>>;
const loaded = loadChesterV1() as unknown as Readonly<Record<string, Loader>>;

/** An unknown field: a number that no message uses, in each wire type that is still written. */
const unknownField = fc
  .tuple(fc.integer({ min: 100, max: 15_000 }), fc.nat(2 ** 31 - 1))
  .chain(([number, value]) =>
    fc.constantFrom(
      [...varint(number * 8), ...varint(value)],
      [...varint(number * 8 + 1), 1, 2, 3, 4, 5, 6, 7, 8],
      [...varint(number * 8 + 2), 3, 10, 1, 0],
      [...varint(number * 8 + 5), 1, 2, 3, 4],
    ),
  );

describe("the agent's codec and proto-loader's", () => {
  for (const type of messages) {
    const [codec, loader] = [own[type.name]!, loaded[type.name]!];
    const any = arbitraryMessage(type);
    const encode = (message: Message) => Buffer.from(codec.encode(message).finish());
    const decode = (bytes: Uint8Array) => withoutUnset(type, codec.decode(bytes));
    const deserialize = (bytes: Buffer) => withoutUnset(type, loader.deserialize(bytes));

    it(`read each other's ${type.name}`, () => {
      fc.assert(
        fc.property(any, (message) => {
          assert.deepEqual(decode(loader.serialize(message)), message);
          assert.deepEqual(deserialize(encode(message)), message);
        }),
      );
    });

    it(`write the same bytes for ${type.name}`, () => {
      fc.assert(
        fc.property(any, (message) => {
          assert.deepEqual(encode(message), loader.serialize(withoutDefaults(type, message)));
        }),
      );
    });

    it(`skip fields that they do not know in ${type.name}`, () => {
      fc.assert(
        fc.property(any, unknownField, unknownField, (message, before, after) => {
          const bytes = Buffer.concat([Buffer.from(before), loader.serialize(message), Buffer.from(after)]);
          assert.deepEqual(decode(bytes), message);
          assert.deepEqual(deserialize(bytes), message);
        }),
      );
    });

    it(`refuse a ${type.name} that was cut, or read the same of it`, () => {
      fc.assert(
        fc.property(any, fc.nat(), (message, at) => {
          const whole = loader.serialize(message);
          const cut = whole.subarray(0, at % (whole.length + 1));
          const read = attempt(() => decode(cut));
          // proto-loader takes a text that ends too early.
          if (read !== null) assert.deepEqual(deserialize(cut), read);
        }),
      );
    });
  }
});

describe('an enum value that is not known here', () => {
  const update = (server: Message) => ({ update: { group: 'g', snapshot: { group: 'g', servers: [server] } } });
  const bytes = loaded['CoordinatorMessage']!.serialize(update({ hostname: 'h', status: 7 }));

  it("is a number to proto-loader and UNRECOGNIZED to the agent's codec", () => {
    const [theirs, ours] = [loaded['Server']!, own['Server']!];
    const server = theirs.serialize({ status: 7 });
    assert.equal(theirs.deserialize(server)['status'], 7);
    assert.equal(ours.decode(server)['status'], 'UNRECOGNIZED');
  });

  it('reaches the agent as a status that it refuses', () => {
    const message = parseCoordinatorMessage(agentCodec.CoordinatorMessage.decode(bytes));
    assert.ok(message?.kind === 'update' && message.body.kind === 'snapshot');
    assert.deepEqual(
      message.body.servers.map(({ status }) => status),
      ['UNRECOGNIZED'],
    );
  });
});

it('a 64-bit number that JavaScript cannot hold is refused by the agent, not rounded as proto-loader does', () => {
  const bytes = Buffer.from([8, ...varint(2n ** 53n + 1n)]);
  assert.equal(loaded['Bookmark']!.deserialize(bytes)['epoch'], 2 ** 53);
  assert.throws(() => agentCodec.Bookmark.decode(bytes), /MAX_SAFE_INTEGER/);
});

function attempt(decode: () => Message): Message | null {
  try {
    return decode();
  } catch {
    return null;
  }
}

function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}
