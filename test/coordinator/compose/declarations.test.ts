import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { GroupAdmin } from '../../../coordinator/api/group-admin.ts';
import { HistoryAdmin } from '../../../coordinator/api/history-admin.ts';
import { declare } from '../../../coordinator/compose/declarations.ts';
import { parseConfig } from '../../../coordinator/config.ts';
import { contentHash } from '../../../process/content-hash.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupInput } from '../builders.ts';

describe('declarations of CONFIG_FILE', () => {
  it('tell in the history that a start has put them in the place of what somebody had changed', async (test) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'chester-declarations-'));
    test.after(() => rm(folder, { recursive: true }));
    const file = path.join(folder, 'groups.yaml');
    await writeFile(file, JSON.stringify({ fleets: [{ name: 'main' }], groups: [groupInput] }));
    const config = parseConfig({ STATE_FILE: path.join(folder, 'store'), CONFIG_FILE: file });
    const store = new FakeStore();
    const admin = new GroupAdmin({ store, clock: new FakeClock(), hash: contentHash });
    const log = createLogger('test', 'silent');
    await declare(config, admin, log);
    await admin.putGroup({ ...groupInput, policy: { replicasMax: 2 } }, 0, { who: 'ada', reason: 'sale' });
    await declare(config, admin, log);
    const listed = await new HistoryAdmin({ store, admin }).list('orders', { pageSize: 0, pageToken: '' });
    assert(listed.ok);
    assert.deepEqual(
      (listed.value.entries ?? []).map(({ change, who, reason }) => [change, who, reason]),
      [
        ['CHANGED', 'CONFIG_FILE', 'declared at the start of a coordinator'],
        ['CHANGED', 'ada', 'sale'],
        ['CREATED', 'CONFIG_FILE', 'declared at the start of a coordinator'],
      ],
    );
  });
});
