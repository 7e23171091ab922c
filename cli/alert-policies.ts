import { stringify } from 'yaml';
import type { GroupSpec__Output } from '../proto/gen/chester/v1/GroupSpec.ts';

/** What an operator chooses about the alerts of a group. */
export type AlertChoices = {
  /** The Pub/Sub topic that notifications go to, a name in the group's project. */
  readonly topic: string;
  /** The service account that the coordinator runs as. */
  readonly account: string;
  /** CPU of 0 to 1 above which a replica is asked for. */
  readonly scaleOutAbove: number;
  readonly scaleInBelow: number;
};

export type AlertAction = 'scale-out' | 'scale-in';

const conditions = {
  'scale-out': { comparison: 'COMPARISON_GT', duration: '120s', word: 'above' },
  'scale-in': { comparison: 'COMPARISON_LT', duration: '900s', word: 'below' },
} as const;

/** Google closes an incident without data after this: a deleted replica's. */
const autoClose = '1800s';
/** Many, because a store that is down for a while must not send messages into the dead-letter topic. */
const deliveryAttempts = 100;

/**
 * Builds an alert policy for `gcloud alpha monitoring policies create`. It tells when an incident opens and when it
 * closes, and makes one incident per instance, whose `database_id` the notification then names.
 *
 * @see https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies
 */
export function buildAlertPolicy(group: GroupSpec__Output, action: AlertAction, choices: AlertChoices) {
  const { comparison, duration, word } = conditions[action];
  const thresholdValue = action === 'scale-out' ? choices.scaleOutAbove : choices.scaleInBelow;
  const name = `Chester ${group.name}: ${action}`;
  return {
    displayName: name,
    combiner: 'OR',
    userLabels: { 'chester-group': group.name, 'chester-action': action },
    documentation: {
      content: `Chester reads this alert and decides on ${action} of group ${group.name}.`,
      mimeType: 'text/markdown',
    },
    conditions: [
      {
        displayName: `CPU ${word} ${Math.round(thresholdValue * 100)} %`,
        conditionThreshold: {
          filter: filterOf(group, action),
          aggregations: [
            {
              alignmentPeriod: '60s',
              perSeriesAligner: 'ALIGN_MEAN',
              crossSeriesReducer: 'REDUCE_MEAN',
              groupByFields: ['resource.label.database_id'],
            },
          ],
          comparison,
          thresholdValue,
          duration,
          trigger: { count: 1 },
          evaluationMissingData: 'EVALUATION_MISSING_DATA_INACTIVE',
        },
      },
    ],
    alertStrategy: { autoClose, notificationPrompts: ['OPENED', 'CLOSED'] },
    notificationChannels: [] as string[],
  };
}

/** The commands that make topic, subscription, dead letters and grants, and then the policies. */
export function renderAlertCommands(group: GroupSpec__Output, { topic, account }: AlertChoices): readonly string[] {
  const { project, name } = group;
  const [dead, subscription] = [`${topic}-dead`, topic];
  const on = `--project=${project}`;
  const number = '$(gcloud projects describe ' + `${project} --format='value(projectNumber)')`;
  const monitoring = `serviceAccount:service-${number}@gcp-sa-monitoring-notification.iam.gserviceaccount.com`;
  const pubsub = `serviceAccount:service-${number}@gcp-sa-pubsub.iam.gserviceaccount.com`;
  const bind = (kind: string, what: string, member: string, role: string) =>
    `gcloud pubsub ${kind} add-iam-policy-binding ${what} ${on} --member="${member}" --role=${role}`;
  return [
    `gcloud pubsub topics create ${topic} ${dead} ${on}`,
    `gcloud pubsub subscriptions create ${subscription} ${on} --topic=${topic} --ack-deadline=60 --expiration-period=never` +
      ` --min-retry-delay=10s --max-retry-delay=600s --dead-letter-topic=${dead} --max-delivery-attempts=${deliveryAttempts}`,
    `gcloud pubsub subscriptions create ${dead} ${on} --topic=${dead} --expiration-period=never`,
    bind('topics', dead, pubsub, 'roles/pubsub.publisher'),
    bind('subscriptions', subscription, pubsub, 'roles/pubsub.subscriber'),
    bind('subscriptions', subscription, `serviceAccount:${account}`, 'roles/pubsub.subscriber'),
    `CHANNEL=$(gcloud beta monitoring channels create ${on} --display-name=chester --type=pubsub` +
      ` --channel-labels=topic=projects/${project}/topics/${topic} --format='value(name)')`,
    bind('topics', topic, monitoring, 'roles/pubsub.publisher'),
    ...(['scale-out', 'scale-in'] as const).map(
      (action) =>
        `chester alerts render ${name} --policy ${action} | gcloud alpha monitoring policies create ${on}` +
        ` --notification-channels="$CHANNEL" --policy-from-file=/dev/stdin`,
    ),
  ];
}

/** Renders everything: the commands as comments, then both policies as YAML documents. */
export function renderAlerts(group: GroupSpec__Output, choices: AlertChoices): string {
  const commands = renderAlertCommands(group, choices).map((command) => `#   ${command}\n`);
  const heading =
    `# Alerts of group ${group.name}. Run these once; the coordinator then needs\n` +
    `# PUBSUB_SUBSCRIPTION=projects/${group.project}/subscriptions/${choices.topic}\n#\n`;
  const policies = (['scale-out', 'scale-in'] as const).map((action) =>
    stringify(buildAlertPolicy(group, action, choices), { lineWidth: 0 }),
  );
  return `${heading}${commands.join('')}---\n${policies.join('---\n')}`;
}

/** Scale-out looks at the primary too: a group without replicas has no other load. Scale-in only at replicas. */
function filterOf({ project, primary, template }: GroupSpec__Output, action: AlertAction): string {
  const prefix = (template?.namePrefix ?? '') || `${primary}-ro-`;
  const replicas = `${escape(prefix)}.*`;
  const names = action === 'scale-in' ? replicas : `(${escape(primary)}|${replicas})`;
  return (
    'resource.type = "cloudsql_database" AND ' +
    'metric.type = "cloudsql.googleapis.com/database/cpu/utilization" AND ' +
    `resource.labels.database_id = monitoring.regex.full_match("${escape(project)}:${names}")`
  );
}

/** RE2 inside a quoted text of the filter: a backslash is written twice. */
function escape(text: string): string {
  return text.replaceAll('.', String.raw`\\.`);
}
