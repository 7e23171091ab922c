import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { keyNames } from '../../../coordinator/adapters/store-redis-scripts.ts';
import { groupName } from '../../../sandbox/demo/story.ts';
import type { ChaosStage } from './stage.ts';

/** Names each revision that an agent has proven and the store never took: it was pushed before it was committed. */
export async function uncommitted(
  stage: ChaosStage,
): Promise<{ readonly proven: number; readonly violations: readonly string[] }> {
  const published = await publishedRevisions(await stage.redis.primaryPort(), stage.prefix);
  const proven = new Map<number, string>();
  for (const { name } of stage.world.pods) {
    for (const line of readFileSync(stage.world.logFile(`agent-${name}`), 'utf8').split('\n')) {
      if (!line.includes('"snapshot proven"')) continue;
      const { group, revision } = JSON.parse(line) as { readonly group: string; readonly revision: number };
      if (group === groupName) proven.set(revision, name);
    }
  }
  const violations = [...proven].flatMap(([revision, name]) =>
    published.has(revision) ? [] : [`${name} was sent revision ${revision}, which the store never took`],
  );
  return { proven: proven.size, violations };
}

async function publishedRevisions(port: number, prefix: string): Promise<ReadonlySet<number>> {
  const client = new Redis({ host: '127.0.0.1', port });
  try {
    const events = await client.hvals(`{${prefix}}:${keyNames[3]}`);
    const rows = events.map((json) => JSON.parse(json) as readonly [number, string, string, string]);
    const own = rows.filter(([, group, kind]) => group === groupName && kind === 'SNAPSHOT_PUBLISHED');
    return new Set(own.map(([, , , subject]) => Number(subject)));
  } finally {
    client.disconnect();
  }
}
