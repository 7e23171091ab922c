import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { NoticeTopic } from '../../../coordinator/adapters/notice-topic.ts';
import { NoticeWebhook } from '../../../coordinator/adapters/notice-webhook.ts';
import { Secrets } from '../../../coordinator/adapters/secrets.ts';
import type { Notice } from '../../../coordinator/core/notice.ts';

const notice: Notice = {
  schema: 'chester.notification/v1',
  id: 'test:7',
  atMs: 1,
  install: 'test',
  group: 'orders',
  kind: 'decision',
  incident: '0.abc',
  subject: '0.abc',
  decision: { before: 1, after: 2 },
  reason: 'SCALE_OUT',
  text: '1 → 2',
  leftOut: 3,
};

describe('NoticeWebhook', { timeout: 300_000 }, () => {
  let server: Server;
  let url = '';
  let answer: (request: IncomingMessage, body: string) => number | null = () => 200;

  before(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        const status = answer(request, body);
        if (status !== null) response.writeHead(status, { location: '/elsewhere' }).end('the answer');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/T0PSECRET`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const receiver = (shape: 'slack' | 'json', secret = url, deadlineMs = 20_000) =>
    new NoticeWebhook(
      { secrets: new Secrets({ env: { CHESTER_SECRET_HOOK: secret }, dir: null }) },
      { name: shape, urlSecret: 'hook', shape, deadlineMs },
    );

  it('posts a line to a chat, and the notice itself to a program', async () => {
    const bodies: unknown[] = [];
    answer = (request, body) => {
      assert.equal(request.headers['content-type'], 'application/json');
      bodies.push(JSON.parse(body));
      return 204;
    };
    assert.equal(await receiver('slack').send(notice), null);
    assert.equal(await receiver('json').send(notice), null);
    const line = '[test] orders decision 0.abc: SCALE_OUT, 1 → 2 [3 more of this group were left out]';
    assert.deepEqual(bodies, [{ text: line }, notice]);
  });

  const failures: readonly (readonly [name: string, status: number | null, reason: RegExp])[] = [
    ['a refusal', 500, /^HTTP 500$/],
    ['a redirect, which is not followed', 302, /^connection failed/],
    ['silence', null, /^no answer in time$/],
  ];
  for (const [name, status, reason] of failures) {
    it(`says why not, without the URL: ${name}`, async () => {
      answer = () => status;
      const failure = await receiver('json', url, status === null ? 200 : 20_000).send(notice);
      assert.match(failure ?? '', reason);
      assert(!(failure ?? '').includes('T0PSECRET'));
    });
  }

  for (const [name, secret] of [
    ['no URL', 'T0PSECRET'],
    ['another scheme', 'file:///T0PSECRET'],
    ['nobody there', 'http://127.0.0.1:1/T0PSECRET'],
  ] as const) {
    it(`says why not, without the secret: ${name}`, async () => {
      const failure = await receiver('json', secret).send(notice);
      assert.match(failure ?? '', /^(?:secret hook holds no|connection failed)/);
      assert(!(failure ?? '').includes('T0PSECRET'));
    });
  }

  it('names a secret that is missing', async () => {
    const missing = new NoticeWebhook(
      { secrets: new Secrets({ env: {}, dir: null }) },
      { name: 'slack', urlSecret: 'hook', shape: 'slack', deadlineMs: 100 },
    );
    assert.match((await missing.send(notice)) ?? '', /^secret hook: CHESTER_SECRET_HOOK is not set/);
  });
});

describe('NoticeTopic', { timeout: 300_000 }, () => {
  it('publishes the notice with attributes to filter by', async () => {
    const published: unknown[] = [];
    const openTopic = () =>
      Promise.resolve({
        publish: ({ data, attributes }: { data: Buffer; attributes: object }) => {
          published.push(JSON.parse(data.toString()), attributes);
          return Promise.resolve();
        },
        close: () => Promise.resolve(),
      });
    const topic = new NoticeTopic({ topic: 'projects/p/topics/told', deadlineMs: 1000, openTopic });
    assert.equal(await topic.send(notice), null);
    const attributes = { schema: 'chester.notification/v1', group: 'orders', kind: 'decision' };
    assert.deepEqual(published, [notice, attributes]);
  });

  it('opens the topic again after a failure, and closes that one; it does not wait for ever', async () => {
    let opened = 0;
    const closed: number[] = [];
    const openTopic = () => {
      opened += 1;
      const number = opened;
      const failure = Object.assign(new Error('no such topic'), { code: 5 });
      return Promise.resolve({
        publish: () => (number === 1 ? Promise.reject(failure) : new Promise<void>(() => undefined)),
        close: () => {
          closed.push(number);
          return Promise.reject(failure);
        },
      });
    };
    const topic = new NoticeTopic({ topic: 'projects/p/topics/told', deadlineMs: 20, openTopic });
    assert.equal(await topic.send(notice), 'publishing failed (5)');
    assert.equal(await topic.send(notice), 'no answer in time');
    assert.equal(opened, 2);
    assert.deepEqual(closed, [1]);
  });
});
