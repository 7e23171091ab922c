import { it } from 'node:test';

import type { ConfiguredServer } from '../../../sandbox/proxysql/config-layers.ts';
import { readRecordings } from './recording.ts';
import { replay } from './replay.ts';
import { onEveryTarget, type StartTarget } from './targets.ts';

/** Recordings that are not replayed, with the reason. Whatever is not named here is compared in full. */
const notReplayed: Readonly<Record<string, string>> = {};

/** What the configuration file named when a recording was made. */
const configuredServers: Readonly<Record<string, readonly ConfiguredServer[]>> = {
  from_config_merges: [{ hostgroup: 10, hostname: '10.9.9.9', port: 3306 }],
};

function replayAllOn(start: StartTarget): void {
  for (const recording of readRecordings()) {
    it(recording.name, { skip: notReplayed[recording.name] ?? false, timeout: 300_000 }, async () => {
      const target = await start({ configuredServers: configuredServers[recording.name] ?? [] });
      try {
        await replay(recording, target);
      } finally {
        await target.close();
      }
    });
  }
}

await onEveryTarget('answers as recorded', replayAllOn);
