import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseGroupSpec } from '../../../coordinator/core/group-spec.ts';
import { findNetworkProblems } from '../../../coordinator/core/network.ts';
import { planGroup } from '../../../coordinator/core/reconciler.ts';
import { chooseZone, findTemplateProblems, templateSchema } from '../../../coordinator/core/template.ts';
import {
  groupInput,
  groupSpec,
  groupView,
  listing,
  primaryInstance,
  replica,
  replicaInstance,
  scalingRecord,
} from '../builders.ts';
import { nowMs, planOf } from '../plans.ts';

const flags = [
  { name: 'max_connections', value: '500' },
  { name: 'cloudsql_iam_authentication', value: 'on' },
];
const primary = primaryInstance({ shape: { ...primaryInstance().shape, flags } });
const whole = (...replicas: ReturnType<typeof replicaInstance>[]) => listing([], { instances: [primary, ...replicas] });

function requestOf(template: object, ...siblings: ReturnType<typeof replicaInstance>[]) {
  const view = { spec: groupSpec({ template }), replicas: [replica.creating('r1')], listing: whole(...siblings) };
  const [action] = planGroup(groupView({ scaling: scalingRecord({ desired: 1 }), ...view }), nowMs);
  assert(action?.action === 'createInstance');
  return action.request;
}

describe('a replica’s template', () => {
  it('is the primary’s shape where the group says nothing', () => {
    assert.deepEqual(requestOf({}).shape, primary.shape);
  });

  it('overrides tier, edition, range, and flags one by one', () => {
    const template = { tier: 'db-small', edition: 'ENTERPRISE_PLUS', allocatedIpRange: 'replicas' };
    const { shape } = requestOf({ ...template, flags: { max_connections: '900', slow_query_log: 'on' } });
    assert.deepEqual(
      [shape.tier, shape.edition, shape.allocatedIpRange, shape.network],
      ['db-small', 'ENTERPRISE_PLUS', 'replicas', primary.shape.network],
    );
    assert.deepEqual(Object.fromEntries(shape.flags.map(({ name, value }) => [name, value])), {
      cloudsql_iam_authentication: 'on',
      max_connections: '900',
      slow_query_log: 'on',
    });
  });

  it('adds labels beside ours, and nothing takes their place', () => {
    assert.deepEqual(requestOf({ labels: { team: 'shop' } }).labels, {
      team: 'shop',
      ...replicaInstance('r1').labels,
    });
  });

  it('takes the zone with the fewest of our replicas', () => {
    const zones = ['europe-west1-b', 'europe-west1-c', 'europe-west1-d'];
    const at = (name: string, zone: string) => replicaInstance(name, { zone });
    assert.equal(requestOf({ zones }).zone, 'europe-west1-b');
    assert.equal(requestOf({ zones }, at('r2', zones[0]!)).zone, 'europe-west1-c');
    assert.equal(requestOf({ zones }, at('r2', zones[0]!), at('r3', zones[1]!)).zone, 'europe-west1-d');
    const stranger = { ...at('x1', zones[0]!), labels: {} };
    assert.equal(requestOf({ zones }, stranger).zone, 'europe-west1-b', 'strangers do not count');
    assert.equal(chooseZone(templateSchema.parse({}), []), null);
  });

  it('asks for nothing that Cloud SQL would refuse, and says what that is', () => {
    const template = { flags: { max_connections: '499' } };
    const view = { spec: groupSpec({ template }), replicas: [replica.creating('r1')], listing: whole() };
    assert.deepEqual(planOf({ scaling: scalingRecord({ desired: 1 }), ...view }), [
      'wait TEMPLATE_REFUSED',
      'alarm TEMPLATE_REFUSED r1',
    ]);
    const foreign = findTemplateProblems(templateSchema.parse({ zone: 'us-east1-b' }), primary.shape);
    assert.deepEqual(
      foreign.map(({ field }) => field),
      ['template.zone'],
    );
  });

  const refused = [
    ['template.zone', { zone: 'europe-west1-b', zones: ['europe-west1-c'] }],
    ['template.edition', { edition: 'GOLD' }],
    ['template.labels.chester-group', { labels: { 'chester-group': 'mine' } }],
    ['template.labels.chester', { labels: { chester: 'false' } }],
    ['template.labels.team', { labels: { team: 'Shop' } }],
    ['template.flags.MAX', { flags: { MAX: '1' } }],
  ] as const;
  for (const [field, template] of refused) {
    it(`refuses ${JSON.stringify(template)} at ${field}`, () => {
      const parsed = parseGroupSpec({ ...groupInput, template });
      assert(!parsed.ok);
      assert.deepEqual(
        parsed.problems.map((problem) => problem.field),
        [field],
      );
    });
  }
});

describe('a refused template', () => {
  it('says which names of flags and labels are allowed', () => {
    const parsed = parseGroupSpec({ ...groupInput, template: { flags: { MAX: '1' }, labels: { 'chester-x': 'y' } } });
    assert(!parsed.ok);
    assert.deepEqual(
      parsed.problems.map(({ allowed }) => allowed),
      ['the name of a database flag', 'a label of a-z, 0-9, _ and - that does not begin with chester'],
    );
  });
});

describe('findNetworkProblems', () => {
  const none = { hasPsc: false, requiresConnector: false, hasPublicAddress: false };
  const cases = [
    ['private services access', primary, []],
    ['beside it a public address', { ...primary, connectivity: { ...none, hasPublicAddress: true } }, []],
    [
      'a public address only',
      { ...primary, shape: { ...primary.shape, network: null } },
      ['settings.ipConfiguration.privateNetwork'],
    ],
    [
      'Private Service Connect',
      { ...primary, connectivity: { ...none, hasPsc: true } },
      ['settings.ipConfiguration.pscConfig.pscEnabled'],
    ],
    [
      'connectors enforced',
      { ...primary, connectivity: { ...none, requiresConnector: true } },
      ['settings.connectorEnforcement'],
    ],
  ] as const;
  for (const [name, instance, fields] of cases) {
    it(`${name}: ${fields.join() || 'supported'}`, () => {
      assert.deepEqual(
        findNetworkProblems(instance).map(({ field }) => field),
        fields,
      );
    });
  }
});
