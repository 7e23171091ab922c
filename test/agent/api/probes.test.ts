import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Probes } from '../../../agent/api/probes.ts';

describe('Probes', () => {
  let isReady = false;
  const probes = new Probes({
    host: '127.0.0.1',
    port: 0,
    isReady: () => isReady,
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
    assert.equal((await get('/healthz/ready')).status, 503);
    isReady = true;
    assert.equal((await get('/healthz/ready')).status, 200);
  });

  it('gives its metrics', async () => {
    const response = await get('/metrics');
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4');
    assert.equal(await response.text(), 'chester_agent_groups 1\n');
  });

  it('answers nothing else', async () => {
    assert.equal((await get('/')).status, 404);
    assert.equal((await get('/healthz/live', 'POST')).status, 405);
  });

  it('says when its address is taken', async () => {
    const second = new Probes({
      ...{ host: '127.0.0.1', port: probes.port, isReady: () => true },
      metrics: () => Promise.reject(new Error('unused')),
    });
    await assert.rejects(Promise.resolve(second.start()), /cannot listen on 127\.0\.0\.1/);
    await second.stop();
  });
});
