import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { accessSchema } from '../../coordinator/core/access-table.ts';
import { groupSchema } from '../../coordinator/core/group-spec.ts';
import { merge, presets, redis } from './cases.ts';
import { render, renderText } from './chart.ts';
import { chartFolder, findHelms, helmMissing, root } from './helm.ts';
import { at, type Json, type JsonObject, listAt } from './manifests.ts';

const helms = findHelms();
const read = (name: string) => readFileSync(path.join(chartFolder, name), 'utf8');
const schema = JSON.parse(read('values.schema.json')) as JsonObject;
const values = parse(read('values.yaml')) as JsonObject;

describe('values.schema.json', () => {
  it('knows every value of values.yaml and of the presets, and no other', () => {
    const known = namesOf(schema).filter((name) => name !== 'global');
    // Maps by name, whose entries are shaped like a part that is there.
    const isInside = (name: string) => /^(?:fleets|groups|secrets)\./.test(name);
    const open = /^(?:proxysql|injector|coordinator)\.(?:settings|agentSettings|bootstrapVariables)\./;
    const shown = (names: readonly string[]) => names.filter((name) => !isInside(name) && !open.test(name)).sort();
    assert.deepEqual(shown(known), shown(pathsOf(values, [])));
    for (const preset of Object.keys(presets)) {
      const decided = pathsOf(parse(read(`presets/${preset}.yaml`)) as JsonObject, []);
      assert.deepEqual(
        decided.filter((name) => !known.includes(name)),
        [],
        preset,
      );
      for (const name of decided.filter((one) => !decided.some((other) => other.startsWith(`${one}.`)))) {
        assert.equal(at(values, ...name.split('.')), null, `${name} is decided by presets, so values.yaml says null`);
      }
    }
  });

  it('leaves no object open, but for the sources of volumes that drivers extend', () => {
    const open = openObjects(schema, '');
    const sources = ['projected', 'csi', 'ephemeral', 'nfs', 'downwardAPI'];
    assert.deepEqual(open, ['/properties/global', ...sources.map((name) => `/$defs/volume/properties/${name}`)].sort());
  });

  it('takes the fields of groups and of the access file that the coordinator takes', () => {
    for (const part of ['identities', 'groups', 'agents'] as const) {
      const named = Object.keys(
        at(schema, 'properties', 'access', 'properties', part, 'items', 'properties') as object,
      );
      const shape = z.toJSONSchema(accessSchema.shape[part], { io: 'input' }) as unknown as JsonObject;
      assert.deepEqual(
        named,
        Object.keys((at(shape, 'items', 'properties') ?? at(shape, 'anyOf', 0, 'items', 'properties')) as object),
      );
    }
    const fields = Object.keys(z.toJSONSchema(groupSchema, { io: 'input' }).properties ?? {});
    assert.deepEqual(
      Object.keys(at(schema, '$defs', 'group', 'properties') as object).sort(),
      fields.filter((field) => field !== 'name').sort(),
      'run "make generate"',
    );
  });
});

const ha = merge(presets['ha'] ?? {}, redis);
const order = at(ha, 'groups', 'orders') as JsonObject;

/** Each makes helm refuse, and say so in these words; all that the schema sees are told at once, and so are the others. */
const shapes: readonly { readonly values: JsonObject; readonly says: readonly string[] }[] = [
  {
    values: merge(ha, {
      nonsense: 1,
      preset: 'large',
      coordinator: {
        replicas: 'three',
        settings: { NO_SUCH_SETTING: 1, STATE_FILE: '/x' },
        persistence: { sise: '1Gi' },
      },
      groups: { orders: merge(order, { readerHostgroups: 10, policy: { replicasMax: 99 } }), Bad_Name: order },
      proxysql: { admin: { username: 'admin' } },
      networkPolicy: { databaseCidrs: ['10.0.0.0'] },
    }),
    says: [
      'nonsense',
      'preset',
      'replicas',
      'NO_SUCH_SETTING',
      'STATE_FILE',
      'sise',
      'readerHostgroups',
      'replicasMax',
    ].concat(['Bad_Name', 'username', 'databaseCidrs']),
  },
];

const rules: readonly { readonly values: JsonObject; readonly says: readonly string[] }[] = [
  {
    values: { preset: 'ha', fleets: { main: { proxysql: { enabled: true } } }, secrets: { empty: {} } },
    says: [
      'webhook.token is missing; set webhook.token.existingSecret',
      'access.identities is empty: nobody may administer',
      'agents.token.issuer is missing; it is the issuer in what this prints',
      'access.agents is empty; it is required while injector.enabled is true',
      'store.redis.url is missing; it is required while store.kind is redis',
      'fleets.main.proxysql.admin.password is missing',
      'fleets.main.proxysql.monitor.password is missing',
      'secrets.empty is empty; allowed: value, or existingSecret with key, or external: true',
    ],
  },
  {
    values: merge(ha, {
      store: { kind: 'embedded' },
      notifications: { slackSecret: 'slack' },
      ingress: { enabled: true, iap: { enabled: true }, tls: { issuer: 'a', clusterIssuer: 'b' } },
      rollout: { groups: { from: 3, to: 2 } },
      proxysql: { autoscaling: { enabled: true, minReplicas: 5, maxReplicas: 4, targetCPU: 0 } },
      fleets: { main: { proxysql: { monitor: { password: { existingSecret: '', value: 'semi;colon' } } } } },
      groups: {
        orders: merge(order, { policy: { replicasMin: 9, replicasMax: 3 }, ruleIds: { first: 120, last: 110 } }),
        twin: merge(order, { writerHostgroup: 10, readerHostgroup: 11, ruleIds: { first: 105, last: 115 } }),
        lost: merge(order, { fleet: 'nowhere', gate: { passwordSecret: 'unheard' }, writerHostgroup: 10 }),
      },
    }),
    says: [
      'coordinator.replicas is 3; allowed: 1 while store.kind is embedded, more with redis',
      'notifications.slackSecret is "slack"; allowed: an entry of secrets',
      'ingress.host is missing',
      'ingress.iap.oauthSecret is missing',
      'ingress.tls.issuer is set beside ingress.tls.clusterIssuer',
      'rollout.groups.from is 3; allowed: at most to (2)',
      'fleets.main.proxysql.autoscaling.minReplicas is 5; allowed: at most maxReplicas (4)',
      'fleets.main.proxysql.autoscaling has neither targetCPU nor targetMemory',
      'fleets.main.proxysql.monitor.password.value has a character that proxysql.cnf cannot hold',
      'groups.orders.policy.replicasMin is 9; allowed: at most replicasMax (3)',
      'groups.orders.ruleIds.first is 120; allowed: at most last (110)',
      'groups.twin.writerHostgroup is 10; allowed: a number that no other group of the fleet main has (groups.orders has it)',
      'groups.twin.users.0.username is "orders-app"; allowed: a name that no other group of the fleet main has',
      'groups.lost.fleet is "nowhere"; allowed: a name of fleets (elsewhere, main)',
      'groups.lost.readerHostgroup is 10; allowed: another number than writerHostgroup',
      'groups.lost.gate.passwordSecret is "unheard", which secrets does not have; set secrets.unheard.existingSecret',
    ],
  },
  {
    values: merge(merge(ha, presets['minimal'] ?? {}), {
      store: { kind: 'embedded' },
      backup: { enabled: true },
      coordinator: { persistence: { enabled: false } },
      agents: { identity: 'certificate' },
      injector: { enabled: true, certificate: { source: 'existing' } },
      tls: { source: 'existing' },
      access: { agents: [], token: { value: 'a', existingSecret: 'b' } },
    }),
    says: [
      'backup.enabled is true; allowed: with store.kind redis',
      'agents.identity is certificate; allowed while injector.enabled is true: token',
      'injector.certificate has not both existingSecret and caBundle',
      'tls.existingSecret is missing; it is required while tls.source is existing',
      'access.token has both value and existingSecret',
    ],
  },
  {
    values: merge(presets['multi-cell'] ?? {}, { cell: 'default', fullnameOverride: '1x' }),
    says: ['cell is default; allowed with the preset', 'fullnameOverride is "1x", and objects would be called "1x"'],
  },
  {
    values: merge(ha, { coordinator: { enabled: false } }),
    says: ['coordinator.externalAddress is missing', 'tls.existingSecret is missing'],
  },
  {
    values: merge(ha, {
      serviceAccount: { create: false },
      injector: { enabled: false },
      agents: { identity: 'certificate' },
      tls: { source: 'existing', existingSecret: 'tls' },
      proxysql: { enabled: true, admin: { password: { value: 'a' } }, monitor: { password: { value: 'b' } } },
      fleets: { grpc: {}, a: {}, 'a-pods': {}, [`${'long'.repeat(11)}-one`]: {}, [`${'long'.repeat(11)}-two`]: {} },
    }),
    says: [
      'serviceAccount.name is missing; it is required while serviceAccount.create is false',
      'serviceAccount.agentName is missing',
      'agents.certificate.existingSecret is missing; it is required with agents.identity certificate',
      'fleets.grpc would make an object chester-grpc, which the chart itself has already',
      'fleets.a-pods would make an object chester-a-pods, which fleets.a has already',
      'longlong-two would make an object chester-longlong',
    ],
  },
  {
    values: merge(ha, { redis: { enabled: true }, sandbox: { enabled: true } }),
    says: [
      'store.redis.url is set while redis.enabled is true',
      'sandbox.enabled is true; allowed: only with the preset',
    ],
  },
];

describe('values that cannot be used', { skip: helmMissing ?? false }, () => {
  for (const [index, helm] of helms.entries()) {
    it(`are refused with their path and the rule (${helm.name})`, async () => {
      for (const { values: bad, says } of [...shapes, ...(index === 0 ? rules : rules.slice(0, 1))]) {
        const { ok, stderr } = await renderText(helm, { name: 'bad', values: bad });
        assert.equal(ok, false, `taken: ${JSON.stringify(bad)}`);
        for (const words of says) assert.ok(stderr.includes(words), `"${words}" is not in:\n${stderr}`);
      }
    });
  }
});

describe('docs/install.md', { skip: helmMissing ?? false }, () => {
  it('shows values that can be used', async () => {
    const text = readFileSync(path.join(root, 'docs', 'install.md'), 'utf8');
    const blocks = [...text.matchAll(/```yaml\n([^]*?)```/g)].map(([, block = '']) => parse(block) as JsonObject);
    assert.equal(blocks.length, 3);
    const [whole = {}, injection = {}, several = {}] = blocks;
    for (const more of [{}, injection, merge(injection, several)]) {
      await render(helms[0]!, { name: 'docs/install.md', values: merge(whole, more) });
    }
  });
});

describe('values that decide what is declared', { skip: helmMissing ?? false }, () => {
  const [helm] = helms;
  const groups = Object.fromEntries(
    ['a', 'b', 'c', 'd'].map((name, index) => {
      const hostgroups = { writerHostgroup: index * 2, readerHostgroup: index * 2 + 1 };
      return [
        name,
        merge(order, { ...hostgroups, users: [], ruleIds: { first: index * 10 + 1, last: index * 10 + 9 } }),
      ];
    }),
  );
  const declared = async (rollout: JsonObject) => {
    const more: JsonObject = {
      groups: {
        ...groups,
        orders: merge(order, { writerHostgroup: 50, readerHostgroup: 51, ruleIds: { first: 90, last: 99 } }),
      },
      rollout,
    };
    const { manifests } = await render(helm!, {
      name: 'rollout',
      values: merge(presets['ha'] ?? {}, more),
      isSchemaKnown: true,
    });
    const file = manifests.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'chester-declarations',
    );
    const content = parse(at(file, 'data', 'declarations.yaml') as string) as JsonObject;
    return { names: listAt(content, 'groups').map((one) => at(one, 'name')), content };
  };

  it('take groups by include, exclude and range, and give them to the coordinator as it takes them', async () => {
    const { names, content } = await declared({
      groups: { include: ['?', '*'], exclude: ['b', 'ord*'], from: 1, to: 3 },
    });
    assert.deepEqual(names, ['a', 'c']);
    for (const one of listAt(content, 'groups')) assert.deepEqual(groupSchema.safeParse(one).error?.issues, undefined);
  });
});

function namesOf(node: Json | undefined, here: readonly string[] = []): string[] {
  const shape = resolve(node);
  const properties = at(shape, 'properties');
  if (typeof properties !== 'object' || properties === null) return [];
  return Object.entries(properties as JsonObject).flatMap(([key, inner]) => {
    const name = [...here, key];
    const isLeaf = at(inner, '$ref') !== undefined && at(inner, '$ref') !== '#/$defs/credential';
    return [name.join('.'), ...(isLeaf ? [] : namesOf(inner, name))];
  });
}

function resolve(node: Json | undefined): Json | undefined {
  const name = at(node, '$ref');
  return typeof name === 'string' ? at(schema, '$defs', name.split('/').at(-1) ?? '') : node;
}

/** Every value's path; what Kubernetes shapes counts as one value. */
function pathsOf(node: Json, here: readonly string[]): string[] {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return [];
  return Object.entries(node as JsonObject).flatMap(([key, inner]) => {
    const name = [...here, key];
    const isLeaf = /(?:resources|Resources|labels|annotations|Labels|Annotations|nodeSelector|affinity)$/.test(key);
    return [name.join('.'), ...(isLeaf ? [] : pathsOf(inner, name))];
  });
}

function openObjects(node: Json | undefined, where: string): string[] {
  if (typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node))
    return (node as readonly Json[]).flatMap((one, index) => openObjects(one, `${where}/${index}`));
  const object = node as JsonObject;
  const isObject = object['type'] === 'object' || (Array.isArray(object['type']) && object['type'].includes('object'));
  const more = object['additionalProperties'];
  const isOpen = isObject && (more === undefined || more === true);
  const inner = Object.entries(object).flatMap(([key, value]) => openObjects(value, `${where}/${key}`));
  return [...(isOpen ? [where] : []), ...inner].sort();
}
