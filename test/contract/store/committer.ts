// A process that commits as fast as it can and says so, until it is killed. It prints `opened` and then the number of
// every acknowledged commit; an argument names the store's file.
import { writeSync } from 'node:fs';
import { EmbeddedStore } from '../../../coordinator/adapters/store-embedded.ts';
import type { Key } from '../../../coordinator/core/records.ts';

const [, , file = '', first = '0'] = process.argv;
const store = EmbeddedStore.open({ file });
writeSync(1, 'opened\n');
for (let n = Number(first); ; n += 1) {
  const value = { n, padding: 'x'.repeat(2000) };
  const writes = [
    { key: `counter/${n % 50}` as Key<unknown>, value, ifRevision: null },
    { key: 'newest' as Key<unknown>, value, ifRevision: null },
  ];
  const event = { atMs: n, group: '', kind: 'WAIT', subject: '', reason: '', message: String(n) } as const;
  await store.commit({ writes, events: [event] });
  writeSync(1, `${n}\n`);
}
