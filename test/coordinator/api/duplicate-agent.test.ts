import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import { keys } from '../../../coordinator/core/records.ts';
import { eventually, TestServer } from './server.ts';

let server: TestServer;

beforeEach(async () => {
  server = await new TestServer().start();
});
afterEach(() => server.stop());

describe('AgentStreams, two agents of one name', () => {
  it('refuses a second process under the same agent id: one proxy must not vote for another', async () => {
    const first = await server.joined();
    const second = server.agent();
    second.hello({ bootId: 'another process', proxyBoot: 'boot-2' });
    const { code, details } = await second.ended;
    assert.equal(code, status.ALREADY_EXISTS);
    assert.match(details, /another process with agent id a is connected/);
    assert.equal((await server.store.get(keys.voter('orders', 'a')))?.value.proxyBoot ?? 'boot-1', 'boot-1');
    first.cancel();
    await eventually(() => server.streams.connected.length === 0, 'the first stream is gone');
    const third = server.agent();
    third.hello({ bootId: 'another process', proxyBoot: 'boot-2' });
    await third.next('welcome');
  });
});
