import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Probes } from '../../../agent/api/probes.ts';

describe('Probes', () => {
  const token = 'a-token-of-this-pod';
  let unready: string | null = 'not yet';
  let drains = 0;
  let start: () => void;
  let finish: () => void;
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  const probes = new Probes({
    host: '127.0.0.1',
    port: 0,
    findUnready: () => unready,
    drain: {
      token,
      run: async () => {
        drains += 1;
        start();
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return { clients: 0, paused: true, tookMs: 5 };
      },
    },
    metrics: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', text: 'chester_agent_groups 1\n' }),
  });
  before(() => probes.start());
  after(() => probes.stop());
  const get = (path: string, method = 'GET'): Promise<Response> =>
    fetch(`http://127.0.0.1:${probes.port}${path}`, { method });

  it('is started and alive whatever ProxySQL does', async () => {
    assert.equal((await get('/healthz/started')).status, 200);
    assert.equal((await get('/healthz/live?verbose')).status, 200);
  });

  it('is ready when the proxy is', async () => {
    const response = await get('/healthz/ready');
    assert.deepEqual([response.status, await response.text()], [503, 'not yet\n']);
    unready = null;
    assert.equal((await get('/healthz/ready')).status, 200);
  });

  it('gives its metrics', async () => {
    const response = await get('/metrics');
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4');
    assert.equal(await response.text(), 'chester_agent_groups 1\n');
  });

  it('drains for who knows the token, and answers when that is over', async () => {
    for (const query of ['', '?token=', '?token=a-token-of-this-po', `?token=${token}x`, `?other=${token}`]) {
      assert.equal((await get(`/drain${query}`)).status, 403, query);
    }
    assert.equal((await get(`/drain?token=${token}`, 'HEAD')).status, 405);
    assert.equal(drains, 0);
    const answer = get(`/drain?token=${token}`);
    await started;
    assert.equal(drains, 1);
    finish();
    const response = await answer;
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { clients: 0, paused: true, tookMs: 5 });
  });

  it('answers nothing else', async () => {
    assert.equal((await get('/')).status, 404);
    assert.equal((await get('//')).status, 404);
    assert.equal((await get('/healthz/live', 'POST')).status, 405);
  });

  it('drains for nobody without a token', async () => {
    const closed = new Probes({
      ...{ host: '127.0.0.1', port: 0, findUnready: () => null, drain: null },
      metrics: () => Promise.reject(new Error('unused')),
    });
    await closed.start();
    assert.equal((await fetch(`http://127.0.0.1:${closed.port}/drain?token=`)).status, 404);
    await closed.stop();
  });

  it('says when its address is taken', async () => {
    const second = new Probes({
      ...{ host: '127.0.0.1', port: probes.port, findUnready: () => null, drain: null },
      metrics: () => Promise.reject(new Error('unused')),
    });
    await assert.rejects(Promise.resolve(second.start()), /cannot listen on 127\.0\.0\.1/);
    await second.stop();
  });
});
