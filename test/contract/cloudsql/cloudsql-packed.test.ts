import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CloudSqlAdapter } from '../../../coordinator/adapters/cloudsql.ts';
import { startCloudSqlEmulator } from '../../../sandbox/cloudsql/emulator.ts';

const listingText = JSON.stringify({ kind: 'sql#instancesList', items: [{ name: 'orders', state: 'RUNNABLE' }] });
const changedText = listingText.replace('RUNNABLE', 'SUSPENDED');
const refusalText = JSON.stringify({
  error: { code: 429, message: 'slow down', errors: [{ message: 'slow down', reason: 'rateLimitExceeded' }] },
});
const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };

type Answer = { readonly status?: number; readonly bytes: Uint8Array; readonly headers?: Record<string, string> };

/** A server that gives one answer after the other, whatever is asked, and the listings that come of it. */
async function withAnswers(answers: readonly Answer[], use: (cloudSql: CloudSqlAdapter) => Promise<void>) {
  const left = [...answers];
  const server = createServer((_request, response) => {
    const next = left.shift();
    if (next === undefined) response.destroy();
    else response.writeHead(next.status ?? 200, next.headers ?? headers).end(next.bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const rootUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    await use(new CloudSqlAdapter({ rootUrl, auth: 'none', deadlineMs: 20_000 }));
    assert.equal(left.length, 0);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('CloudSqlAdapter on answers that are compressed', { timeout: 120_000 }, () => {
  it('knows a listing again, however it is packed, and reads another one', async () => {
    const plain = { bytes: Buffer.from(listingText), headers: { 'content-type': 'application/json' } };
    const [packed, packedElse] = [1, 9].map((level) => ({ bytes: gzipSync(listingText.padEnd(5000), { level }) }));
    assert.ok(packed !== undefined && packedElse !== undefined && !packed.bytes.equals(packedElse.bytes));
    const answers = [packed, packed, packedElse, packed, { bytes: gzipSync(changedText) }, plain, plain];
    await withAnswers(answers, async (cloudSql) => {
      const first = await cloudSql.listInstances('demo');
      assert.deepEqual([first.instances[0]?.name, first.instances[0]?.state], ['orders', 'RUNNABLE']);
      for (const what of ['the same bytes', 'other bytes', 'the first bytes']) {
        assert.equal((await cloudSql.listInstances('demo')).instances, first.instances, what);
      }
      assert.equal((await cloudSql.listInstances('demo')).instances[0]?.state, 'SUSPENDED');
      const unpacked = await cloudSql.listInstances('demo');
      assert.deepEqual(unpacked, first);
      assert.equal((await cloudSql.listInstances('demo')).instances, unpacked.instances);
    });
  });

  it('reads one that somebody in between unpacked, and left the header', async () => {
    await withAnswers([{ bytes: Buffer.from(listingText) }], async (cloudSql) => {
      assert.equal((await cloudSql.listInstances('demo')).instances[0]?.name, 'orders');
    });
  });

  it('reads a refusal', async () => {
    await withAnswers([{ status: 429, bytes: gzipSync(refusalText) }], async (cloudSql) => {
      await assert.rejects(cloudSql.listInstances('demo'), { code: 'CLOUDSQL_RATE_LIMITED' });
    });
  });

  const packedListing = gzipSync(listingText);
  const broken: readonly (readonly [string, Uint8Array])[] = [
    ['is cut short', packedListing.subarray(0, packedListing.length / 2)],
    ['is damaged', Buffer.concat([packedListing.subarray(0, 12), Buffer.alloc(20, 7)])],
    ['would fill the memory', gzipSync(Buffer.concat([Buffer.from(listingText), Buffer.alloc(80 * 1024 * 1024, ' ')]))],
  ];
  for (const [what, bytes] of broken) {
    it(`takes one that ${what} for none, and goes on`, async () => {
      await withAnswers([{ bytes: packedListing }, { bytes }, { bytes: packedListing }], async (cloudSql) => {
        const { instances } = await cloudSql.listInstances('demo');
        await assert.rejects(cloudSql.listInstances('demo'), { code: 'CLOUDSQL_UNAVAILABLE' });
        assert.equal((await cloudSql.listInstances('demo')).instances, instances);
      });
    });
  }
});

describe('the emulator', { timeout: 120_000 }, () => {
  it('compresses for who asks for it in both ways', async () => {
    const emulator = await startCloudSqlEmulator({ primaries: [{ name: 'orders-primary' }] });
    try {
      const [both, ...others] = [
        { 'accept-encoding': 'gzip', 'user-agent': 'test (gzip)' },
        { 'accept-encoding': 'gzip', 'user-agent': 'test' },
        { 'accept-encoding': 'identity', 'user-agent': 'test (gzip)' },
      ].map(async (asked) => {
        const response = await fetch(`${emulator.url}v1/projects/demo/instances`, { headers: asked });
        return { encoding: response.headers.get('content-encoding'), listing: await response.json() };
      });
      assert.equal((await both)?.encoding, 'gzip');
      for (const other of others) assert.deepEqual(await other, { ...(await both), encoding: null });
    } finally {
      await emulator.close();
    }
  });
});
