import type { Registry } from 'prom-client';
import { createNoticeTally } from '../adapters/metrics.ts';
import { NoticeTopic } from '../adapters/notice-topic.ts';
import { NoticeWebhook } from '../adapters/notice-webhook.ts';
import type { SecretReader } from '../adapters/secrets.ts';
import type { CoordinatorConfig } from '../config.ts';
import { Notifier } from '../loops/notifier.ts';
import type { Shared } from './shared.ts';

const notices = {
  limit: { burst: 10, everyMs: 30_000 },
  ageMsMax: 3_600_000,
  cursorIntervalMs: 1000,
  deadlineMs: 5000,
};

/** Makes what tells people of events. */
export function composeNotifier(
  { notify, install }: CoordinatorConfig,
  deps: Pick<Shared, 'store' | 'clock' | 'log' | 'term'> & {
    readonly secrets: SecretReader;
    readonly registry: Registry;
  },
): Notifier {
  const { secrets, registry, ...shared } = deps;
  const { deadlineMs } = notices;
  const webhook = (name: 'slack' | 'webhook', urlSecret: string | null) =>
    urlSecret === null
      ? []
      : [new NoticeWebhook({ secrets }, { name, urlSecret, shape: name === 'slack' ? 'slack' : 'json', deadlineMs })];
  const receivers = [
    ...webhook('slack', notify.slackUrlSecret),
    ...webhook('webhook', notify.webhookUrlSecret),
    ...(notify.topic === null ? [] : [new NoticeTopic({ topic: notify.topic, deadlineMs })]),
  ];
  return new Notifier({ ...shared, receivers, tally: createNoticeTally(registry) }, { ...notices, install });
}
