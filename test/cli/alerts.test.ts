import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { TestAdminServer } from './admin-server.ts';
import { run } from './run.ts';

type Policy = {
  readonly displayName: string;
  readonly userLabels: Readonly<Record<string, string>>;
  readonly conditions: readonly {
    readonly conditionThreshold: {
      readonly filter: string;
      readonly comparison: string;
      readonly thresholdValue: number;
      readonly aggregations: readonly { readonly groupByFields: readonly string[] }[];
    };
  }[];
  readonly alertStrategy: { readonly notificationPrompts: readonly string[] };
};

describe('chester alerts render', () => {
  const server = new TestAdminServer();
  before(async () => {
    await server.start();
    const spec = { name: 'orders', project: 'example.com:shop', primary: 'orders-primary' };
    server.groups.set('orders', { spec });
  });
  after(() => {
    server.stop();
  });
  const render = (...flags: string[]) =>
    run(['alerts', 'render', 'orders', ...flags], { env: { CHESTER_COORDINATOR: server.address } });

  it('prints both policies, with prompts, by database_id, and with the labels that the intake reads', async () => {
    const { exitCode, stdout } = await render('--account', 'chester@shop.iam.gserviceaccount.com');
    assert.equal(exitCode, 0);
    const documents = parseAllDocuments(stdout).map((document) => document.toJS() as Policy | null);
    const policies = documents.filter((document) => document !== null);
    assert.deepEqual(
      policies.map(({ userLabels }) => userLabels),
      [
        { 'chester-group': 'orders', 'chester-action': 'scale-out' },
        { 'chester-group': 'orders', 'chester-action': 'scale-in' },
      ],
    );
    for (const { alertStrategy, conditions } of policies) {
      assert.deepEqual(alertStrategy.notificationPrompts, ['OPENED', 'CLOSED']);
      assert.deepEqual(conditions[0]?.conditionThreshold.aggregations[0]?.groupByFields, [
        'resource.label.database_id',
      ]);
    }
    const [out, into] = policies.map(({ conditions }) => conditions[0]?.conditionThreshold);
    assert.deepEqual([out?.comparison, into?.comparison], ['COMPARISON_GT', 'COMPARISON_LT']);
    assert(out?.filter.endsWith(String.raw`full_match("example\\.com:shop:(orders-primary|orders-primary-ro-.*)")`));
    assert(into?.filter.endsWith(String.raw`full_match("example\\.com:shop:orders-primary-ro-.*")`));
    for (const grant of [
      /subscriptions add-iam-policy-binding chester-alerts .*chester@shop\.iam\S+ --role=roles\/pubsub\.subscriber/,
      /topics add-iam-policy-binding chester-alerts .*gcp-sa-monitoring-notification\S+ --role=roles\/pubsub\.publisher/,
      /--dead-letter-topic=chester-alerts-dead --max-delivery-attempts=100/,
      /PUBSUB_SUBSCRIPTION=projects\/example\.com:shop\/subscriptions\/chester-alerts/,
    ]) {
      assert.match(stdout, grant);
    }
  });

  it('prints one policy as JSON, for gcloud', async () => {
    const { stdout } = await render('--policy', 'scale-in', '--scale-in-below', '0.1');
    const policy = JSON.parse(stdout) as Policy;
    assert.equal(policy.conditions[0]?.conditionThreshold.thresholdValue, 0.1);
    assert.equal(policy.displayName, 'Chester orders: scale-in');
  });

  it('prints all as JSON', async () => {
    const { stdout } = await render('-o', 'json');
    const { commands, policies } = JSON.parse(stdout) as { commands: string[]; policies: Policy[] };
    assert.equal(policies.length, 2);
    assert(commands.every((command) => /gcloud/.test(command)));
  });

  for (const flags of [
    ['--scale-out-above', '70'],
    ['--scale-in-below', 'x'],
    ['--scale-in-below', '0.8'],
    ['--policy', 'both'],
  ]) {
    it(`refuses ${flags.join(' ')}`, async () => {
      const { exitCode, stderr } = await render(...flags);
      assert.equal(exitCode, 2);
      assert.match(stderr, /[Aa]llowed/);
    });
  }
});
