import assert from 'node:assert/strict';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { after, afterEach, before, describe, it } from 'node:test';
import { type handleBidiStreamingCall, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { agentServiceOfBytes } from '../../../coordinator/api/coordinator-bytes.ts';
import { takeAnyBytes } from '../../../coordinator/api/lenient-service.ts';
import { StreamIntake } from '../../../coordinator/api/stream-intake.ts';
import type { AgentMessage } from '../../../proto/gen/chester/v1/AgentMessage.ts';
import type { AgentMessage__Output } from '../../../proto/gen/chester/v1/AgentMessage.ts';
import { loadChesterV1 } from '../../../proto/load.ts';
import { eventually } from './server.ts';

const encode = loadChesterV1().AgentService.service.Connect.requestSerialize as (message: AgentMessage) => Buffer;

function frame(message: Buffer, flag = 0, length = message.length): Buffer {
  const prefix = Buffer.from([flag, 0, 0, 0, 0]);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

const ack = (nonce: string): Buffer => frame(encode({ ack: { nonce } }));

/** What the newest call was told, and how it reads. */
let heard: string[] = [];
let intake: StreamIntake | null = null;
let session: ClientHttp2Session;
const server = new Server();

const take: handleBidiStreamingCall<AgentMessage__Output, Buffer> = (call) => {
  heard = [];
  intake = null;
  call.on('error', () => undefined);
  call.on('end', () => heard.push('end'));
  call.once('data', (first: AgentMessage__Output) => {
    call.pause();
    heard.push(first.hello?.agentId ?? '');
    setImmediate(() => {
      intake = new StreamIntake(call, ({ ack: answer }) => heard.push(answer?.nonce ?? 'other'));
    });
  });
};

before(async () => {
  server.addService(takeAnyBytes(agentServiceOfBytes()), { connect: take });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  session = connect(`http://127.0.0.1:${port}`);
});
after(() => {
  session.close();
  server.forceShutdown();
});

type Opened = { readonly stream: ClientHttp2Stream; readonly ended: Promise<number> };
let opened: Opened | null = null;
afterEach(() => opened?.stream.destroy());

/** A call whose client says Hello, and then bytes as a test wants them. */
async function open(headers: Record<string, string> = {}): Promise<Opened> {
  const fixed = { ':method': 'POST', ':path': '/chester.v1.AgentService/Connect', te: 'trailers' };
  const stream = session.request({ ...fixed, 'content-type': 'application/grpc', ...headers }, { endStream: false });
  stream.on('error', () => undefined);
  const ended = new Promise<number>((resolve) => {
    for (const event of ['trailers', 'response'])
      stream.on(event, (told: Record<string, string>) => {
        if (told['grpc-status'] !== undefined) resolve(Number(told['grpc-status']));
      });
  });
  stream.resume();
  opened = { stream, ended };
  stream.write(frame(encode({ hello: { agentId: 'a' } })));
  await eventually(() => heard.length === 1 && intake !== null, 'Hello is heard');
  return opened;
}

async function direct(): Promise<Opened> {
  const one = await open();
  await eventually(() => intake?.isDirect === true, 'grpc-js still keeps its stream where we look for it');
  return one;
}

describe('StreamIntake', () => {
  it('reads messages however they are cut', async () => {
    const { stream } = await direct();
    const bytes = Buffer.concat([ack('one'), frame(Buffer.alloc(0)), ack('two'), ack('three')]);
    for (const size of [bytes.length, 1, 3, 7, 20]) {
      heard = [];
      for (let at = 0; at < bytes.length; at += size) {
        stream.write(bytes.subarray(at, at + size));
        if (size < bytes.length) await new Promise((resolve) => setImmediate(resolve));
      }
      await eventually(() => heard.length === 4, `four messages in pieces of ${size}`);
      assert.deepEqual(heard, ['one', 'other', 'two', 'three']);
    }
  });

  it('hears what came before it began, in its order, and what comes behind', async () => {
    const { stream } = await open();
    heard = [];
    for (let times = 0; times < 50; times += 1) stream.write(ack(String(times)));
    await eventually(() => heard.length === 50, 'all are heard');
    stream.end(ack('last'));
    await eventually(() => heard.at(-1) === 'end', 'the end is heard');
    const numbers = Array.from({ length: 50 }, (_, index) => String(index));
    assert.deepEqual(heard, [...numbers, 'last', 'end']);
  });

  it('hears the end of a stream that it reads itself', async () => {
    const { stream } = await direct();
    stream.end(ack('last'));
    await eventually(() => heard.at(-1) === 'end', 'the end is heard');
    assert.deepEqual(heard, ['a', 'last', 'end']);
  });

  it('leaves a call to grpc-js whose messages may be compressed', async () => {
    const { stream } = await open({ 'grpc-encoding': 'gzip' });
    stream.write(ack('one'));
    stream.write(ack('two'));
    await eventually(() => heard.length === 3, 'they are heard');
    assert.equal(intake?.isDirect, false);
  });

  const broken: readonly (readonly [name: string, bytes: Buffer, code: status])[] = [
    ['bytes that are no message', frame(Buffer.from([0x0a, 0xff])), status.INVALID_ARGUMENT],
    [
      'a message that is too long, before it came',
      frame(Buffer.from([1]), 0, 5 * 1024 * 1024),
      status.RESOURCE_EXHAUSTED,
    ],
    ['a compressed message', frame(encode({ ack: {} }), 1), status.INTERNAL],
  ];
  for (const [name, bytes, code] of broken) {
    it(`ends a stream that brings ${name}, and hears nothing behind it`, async () => {
      const { stream, ended } = await direct();
      stream.write(Buffer.concat([bytes, ack('late')]));
      assert.equal(await ended, code);
      assert.deepEqual(heard, ['a']);
    });
  }
});
