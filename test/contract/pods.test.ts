import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { KubernetesPods } from '../../coordinator/adapters/pod-list.ts';

const pod = (name: string) => ({ metadata: { name, uid: `uid-${name}` } });
const list = (items: readonly unknown[], next = '') => ({
  kind: 'PartialObjectMetadataList',
  metadata: next === '' ? {} : { continue: next },
  items,
});

describe('KubernetesPods', () => {
  let server: Server;
  let dir: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const requests: string[] = [];
  const pods = (namespaces = ['proxysql'], deadlineMs = 20_000) => {
    const { port } = server.address() as AddressInfo;
    const apiUrl = `http://127.0.0.1:${port}/`;
    return new KubernetesPods({
      apiUrl,
      serviceAccountDir: dir,
      namespaces,
      selector: 'app=proxysql',
      deadlineMs,
    });
  };
  const say =
    (body: unknown, status = 200) =>
    (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(status).end(JSON.stringify(body));
    };

  before(async () => {
    dir = mkdtempSync(path.join(tmpdir(), 'chester-pods-'));
    writeFileSync(path.join(dir, 'token'), 'first\n');
    server = createServer((request, response) => {
      requests.push(`${request.headers.authorization ?? ''} ${request.url ?? ''}`);
      answer(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(() => {
    requests.length = 0;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(dir, { recursive: true });
  });

  it('lists every page of every namespace, with the token as it is now', async () => {
    answer = (request, response) => {
      const url = new URL(request.url ?? '', 'http://x');
      const isSecond = url.searchParams.get('continue') === 'more';
      const name = `${url.pathname.split('/')[4] ?? ''}-${isSecond ? 2 : 1}`;
      say(list([pod(name)], isSecond ? '' : 'more'))(request, response);
    };
    const found = await pods(['a', 'b']).list();
    assert.deepEqual(
      found.map(({ uid }) => uid),
      ['uid-a-1', 'uid-a-2', 'uid-b-1', 'uid-b-2'],
    );
    assert.equal(requests[0], 'Bearer first /api/v1/namespaces/a/pods?limit=500&labelSelector=app%3Dproxysql');
    writeFileSync(path.join(dir, 'token'), 'second');
    await pods().list();
    assert.match(requests.at(-1) ?? '', /^Bearer second /);
  });

  const bad: readonly (readonly [what: string, answer: typeof answer])[] = [
    ['it is not allowed', say({ kind: 'Status' }, 403)],
    ['a page is gone', say({ kind: 'Status' }, 410)],
    ['it answers something else', say({ kind: 'PodList', items: [] })],
    ['a pod has no UID', say(list([{ metadata: { name: 'a' } }]))],
    ['it never ends', say(list([pod('a')], 'more'))],
    ['it is no JSON', (_request, response) => response.end('<html>')],
    [
      'the answer is cut off',
      (_request, response) =>
        void response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
    ],
    ['it does not answer', () => undefined],
  ];
  for (const [what, badAnswer] of bad) {
    it(`has no list where ${what}`, async () => {
      answer = badAnswer;
      await assert.rejects(pods(['proxysql'], 2000).list(), { code: 'KUBERNETES_UNAVAILABLE' });
    });
  }
});
