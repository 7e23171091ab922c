import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { HttpServer, type WebhookAccess } from '../../../coordinator/api/http-server.ts';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import { Intake } from '../../../coordinator/loops/intake.ts';
import { contentHash } from '../../../process/content-hash.ts';
import { createLogger } from '../../../process/log.ts';
import { createMetrics } from '../../../process/metrics.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeMetrics } from '../../fakes/fake-metrics.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupSpec } from '../builders.ts';
import { closedNotification, notification } from '../notifications.ts';

const quietLog = createLogger('test', 'silent');
let store: FakeStore;
let http: HttpServer;
let missing: string | null;

beforeEach(async () => {
  store = new FakeStore();
  missing = null;
  await store.commit({ writes: [{ key: keys.group('orders'), value: groupSpec(), ifRevision: 0 }] });
  await listen('');
});
afterEach(() => http.stop());

async function listen(token: string, basic: WebhookAccess['basic'] = null, log = quietLog): Promise<void> {
  const sink = new Intake({
    store,
    clock: new FakeClock(),
    log,
    hash: contentHash,
    metrics: new FakeMetrics(),
    resync: () => undefined,
  });
  const registry = createMetrics();
  http = new HttpServer(
    { sink, registry, log, readiness: () => missing },
    { host: '127.0.0.1', port: 0, webhook: { token, basic } },
  );
  await http.start();
}

async function request(path: string, init: RequestInit = {}): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${http.port}${path}`, init);
  return { status: response.status, text: await response.text() };
}

const post = (
  body: string,
  path = '/webhooks/monitoring',
  headers: Record<string, string> = { 'content-type': 'application/json' },
) => request(path, { method: 'POST', body, headers });

describe('HttpServer, webhook', () => {
  it('takes an incident that opens and closes', async () => {
    const open = await post(notification());
    assert.equal(open.status, 200);
    assert.deepEqual(JSON.parse(open.text), { taken: 'incident', reason: '0.q7x2m9k4t1ab open: scale-out of orders' });
    assert.equal((await post(closedNotification())).status, 200);
    assert.equal((await store.list(prefixes.allIncidents))[0]?.value.state, 'closed');
  });

  it('takes it whatever its content type is', async () => {
    for (const type of ['text/plain', 'application/json; charset=utf-8', 'application/octet-stream']) {
      assert.equal((await post(notification(), undefined, { 'content-type': type })).status, 200, type);
    }
  });

  it('says what is wrong with what it cannot use, keeps it, and lives', async () => {
    for (const [body, reason] of [
      ['{"incident":', /not JSON/],
      ['', /not JSON/],
      [
        notification({ policy_user_labels: { 'chester-group': 'nope', 'chester-action': 'add' } }),
        /group "nope" is not declared/,
      ],
      [
        notification({ policy_user_labels: { 'chester-group': 'orders', 'chester-action': 'explode' } }),
        /"explode"; allowed: scale-out/,
      ],
    ] as const) {
      const { status, text } = await post(body);
      assert.equal(status, 422);
      assert.match((JSON.parse(text) as { reason: string }).reason, reason);
    }
    assert.equal((await store.list(prefixes.setAside)).length, 4);
    assert.equal((await post(notification())).status, 200);
  });

  it('refuses a body that is too large, names the limit, and keeps a trace', async () => {
    const { status, text } = await post('x'.repeat(300 * 1024));
    assert.equal(status, 413);
    assert.match(text, /too large; allowed: at most 262144 bytes/);
    assert.equal((await store.list(prefixes.setAside)).length, 1);
  });

  it('asks the sender to come again when the store fails', async () => {
    store.nextError = new Error('/secret/path: disk full');
    const { status, text } = await post(notification());
    assert.equal(status, 503);
    assert(!text.includes('secret'));
  });

  it('knows no other method and no other path', async () => {
    assert.equal((await request('/webhooks/monitoring')).status, 404);
    assert.equal((await request('/webhooks/monitoring', { method: 'PUT', body: 'x' })).status, 404);
    assert.equal((await post('x', '/webhooks/other')).status, 404);
    assert.deepEqual(await store.list(prefixes.setAside), []);
  });

  it('asks for its token, in the query or as a bearer', async () => {
    await http.stop();
    await listen('s3cret');
    const json = { 'content-type': 'application/json' };
    for (const [path, headers] of [
      ['/webhooks/monitoring', json],
      ['/webhooks/monitoring?auth_token=', json],
      ['/webhooks/monitoring?auth_token=wrong', json],
      ['/webhooks/monitoring?auth_token=s3cret&auth_token=wrong', json],
      ['/webhooks/monitoring', { ...json, authorization: 'Bearer s3cretX' }],
    ] as const) {
      const { status, text } = await post(notification(), path, headers);
      assert.equal(status, 401, path);
      assert(!text.includes('s3cret'));
    }
    assert.equal((await post('x'.repeat(300 * 1024))).status, 401, 'a stranger leaves no trace');
    assert.deepEqual([await store.list(prefixes.allIncidents), await store.list(prefixes.setAside)], [[], []]);
    assert.equal((await post(notification(), '/webhooks/monitoring?auth_token=s3cret')).status, 200);
    assert.equal((await post(notification(), undefined, { ...json, authorization: 'Bearer s3cret' })).status, 200);
  });

  it('takes a login instead of its token, and neither shows either in a log', async () => {
    await http.stop();
    const logged: unknown[] = [];
    const keep = (...words: readonly unknown[]) => void logged.push(...words);
    await listen(
      's3cret',
      { username: 'monitoring', password: 'pa:ss' },
      { debug: keep, info: keep, warn: keep, error: keep },
    );
    const login = (text: string, scheme = 'Basic') => ({
      'content-type': 'application/json',
      authorization: `${scheme} ${Buffer.from(text).toString('base64')}`,
    });
    for (const headers of [
      login('monitoring:wrong'),
      login('monitoring:'),
      login(':'),
      login('monitoring:pa:ss', 'Bearer'),
    ]) {
      assert.equal((await post(notification(), undefined, headers)).status, 401);
    }
    const anybody = await fetch(`http://127.0.0.1:${http.port}/webhooks/monitoring`, { method: 'POST', body: 'x' });
    assert.match(anybody.headers.get('www-authenticate') ?? '', /^Basic/);
    assert.equal((await post(notification(), undefined, login('monitoring:pa:ss'))).status, 200);
    assert.equal((await post(notification(), undefined, login('monitoring:pa:ss', 'basic'))).status, 200);
    store.nextError = new Error('disk full');
    assert.equal((await post(notification(), '/webhooks/monitoring?auth_token=s3cret')).status, 503);
    const text = JSON.stringify(logged, (_key, value: unknown) => (value instanceof Error ? value.message : value));
    assert.match(text, /disk full/);
    for (const secret of ['s3cret', 'pa:ss', 'auth_token']) assert(!text.includes(secret), secret);
  });

  it('an empty login opens nothing when a token is asked for', async () => {
    await http.stop();
    await listen('s3cret');
    const authorization = `Basic ${Buffer.from(':').toString('base64')}`;
    assert.equal((await post(notification(), undefined, { authorization })).status, 401);
  });

  it('an empty token opens nothing when a login is asked for', async () => {
    await http.stop();
    await listen('', { username: 'monitoring', password: 'pass' });
    assert.equal((await post(notification(), '/webhooks/monitoring?auth_token=')).status, 401);
    assert.equal((await post(notification())).status, 401);
  });

  it('survives what is no HTTP', async () => {
    const socket = connect(http.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.end('\u0000\u0001 nonsense\r\n\r\n');
    socket.resume();
    await closed;
    assert.equal((await request('/healthz/live')).status, 200);
  });
});

describe('HttpServer, stopped', () => {
  it('waits for no request that does not come to its end', { timeout: 8000 }, async () => {
    const socket = connect(http.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write('POST /webhooks/monitoring HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf');
    assert.equal((await request('/healthz/live')).status, 200);
    await http.stop();
    await closed;
  });
});

describe('HttpServer, probes and metrics', () => {
  it('is live and started; ready only while nothing is missing', async () => {
    for (const path of ['/healthz/live', '/healthz/started', '/healthz/ready'])
      assert.equal((await request(path)).status, 200);
    missing = 'another coordinator decides';
    const { status, text } = await request('/healthz/ready');
    assert.equal(status, 503);
    assert.match(text, /another coordinator decides/);
    assert.equal((await request('/healthz/live')).status, 200);
  });

  it('shows its metrics', async () => {
    const { status, text } = await request('/metrics');
    assert.equal(status, 200);
    assert.match(text, /process_cpu_user_seconds_total/);
  });
});
