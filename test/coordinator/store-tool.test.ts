import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { EmbeddedStore } from '../../coordinator/adapters/store-embedded.ts';
import { keys } from '../../coordinator/core/records.ts';
import { backUpStore, migrateStore, restoreStore } from '../../coordinator/store-tool.ts';
import { groupSpec } from './builders.ts';

describe('store tool', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'chester-store-tool-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('freezes each group that is restored, and none that is moved', async () => {
    const [source, moved, restored, backup] = ['source', 'moved', 'restored', 'backup'].map((name) =>
      path.join(folder, name),
    ) as [string, string, string, string];
    const store = EmbeddedStore.open({ file: source });
    await store.commit({ writes: [{ key: keys.group('orders'), value: groupSpec(), ifRevision: 0 }] });
    store.close();
    await migrateStore({ from: source, to: moved, replace: false }, {});
    await backUpStore({ from: source, file: backup, live: false }, {});
    await restoreStore({ file: backup, to: restored, replace: false }, {});
    const freezeOf = async (file: string) => {
      const opened = EmbeddedStore.open({ file });
      const freeze = await opened.get(keys.freeze('orders'));
      opened.close();
      return freeze?.value.reason ?? null;
    };
    assert.equal(await freezeOf(moved), null);
    assert.equal(await freezeOf(restored), 'the store was restored from a backup');
  });
});
