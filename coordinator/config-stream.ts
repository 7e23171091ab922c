import type { EnvironmentReader } from '../process/environment.ts';

/** How agents' streams are served. */
export type StreamConfig = {
  /** New streams let in a second; null: what the process can take, which is less with mutual TLS. */
  readonly newStreamsPerSecond: number | null;
  readonly bookmarkIntervalMs: number;
};

/** Lines of `chester coordinator --help`. */
export const streamHelp: readonly (readonly [name: string, fallback: string, meaning: string])[] = [
  [
    'NEW_STREAMS_PER_SECOND',
    '1500, 400 with mutual TLS',
    'how many agents are let in a second; the others are told when to come again',
  ],
  ['BOOKMARK_INTERVAL_MS', '30000', 'how often an idle agent is told that the coordinator lives'],
];

/** Reads them. Problems are left with the reader. */
export function parseStream(reader: EnvironmentReader): StreamConfig {
  const perSecond = reader.integer('NEW_STREAMS_PER_SECOND', 0, { min: 1, max: 1_000_000 });
  return {
    newStreamsPerSecond: perSecond === 0 ? null : perSecond,
    bookmarkIntervalMs: reader.integer('BOOKMARK_INTERVAL_MS', 30_000, { min: 100, max: 300_000 }),
  };
}
