// What the chart renders, kept in files that are read at review: `make chart-goldens` writes them anew. previous.json has
// of the last release's what an upgrade may not change; `make chart-goldens PREVIOUS=1` writes it, at a release only.
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { parseAccessTable } from '../../coordinator/core/access-table.ts';
import { coordinatorEnvironmentHelp } from '../../coordinator/main.ts';
import { injectorEnvironmentHelp } from '../../injector/config.ts';
import { run } from '../cli/run.ts';
import { agentEnvironmentHelp } from '../../agent/main.ts';
import { everyApi, everything, merge, presets } from './cases.ts';
import { type Case, mapFew, render, type Rendered } from './chart.ts';
import { findHelms, helmMissing, root } from './helm.ts';
import {
  at,
  containersOf,
  type Json,
  type JsonObject,
  listAt,
  type Manifest,
  nameOf,
  parseManifests,
  podOf,
  textAt,
} from './manifests.ts';

const goldens = path.join(root, 'test', 'charts', 'goldens');
const isUpdate = process.env['UPDATE_GOLDENS'] === '1';
const helms = findHelms();
/** Rules and dashboards have tests of their own. */
const plain = { monitoring: { rules: { enabled: false }, dashboards: { enabled: false } } };
const cluster = { kubeVersion: '1.34.0', apiVersions: everyApi };
const cases: readonly Case[] = Object.entries(presets).map(([name, values]) => ({
  ...cluster,
  name,
  values: merge(values, plain),
}));
const previousFile = path.join(goldens, 'previous.json');

/** What is made by chance, or by the clock, has one face. */
function settle(text: string): string {
  return text
    .replace(
      /^( {2}(?:webhook-token|admin-token|webhook-password|redis-password|fleet-[a-z]+-(?:admin|monitor)|[a-z-]*token): )"[^"]+"$/gm,
      '$1"(made)"',
    )
    .replace(/^( +tokens:\n +- )[0-9a-f]{64}$/gm, '$1(made)')
    .replace(/^( +(?:client\.crt|client\.key|ca\.crt|tls\.crt|tls\.key|caBundle): )[A-Za-z0-9+/=]{200,}$/gm, '$1(made)')
    .replace(/^( +chester\/not-after: )"\d+"$/gm, '$1"(made)"')
    .replace(/^( +checksum\/[a-z]+: )[0-9a-f]{64}$/gm, '$1(sum)');
}

describe('what the chart renders', { skip: helmMissing ?? false }, () => {
  const rendered = new Map<string, Rendered>();

  before(async () => {
    for (const one of cases) rendered.set(one.name, await render(helms[0]!, one));
  });

  it('is what was reviewed, and the same from every helm, however often', async () => {
    mkdirSync(goldens, { recursive: true });
    for (const [index, helm] of helms.entries()) {
      const all = await mapFew(cases, async (one) => ({ one, result: await render(helm, one) }));
      for (const { one, result } of all) {
        const file = path.join(goldens, `${one.name}.yaml`);
        const text = settle(result.text);
        if (index === 0) assert.equal(text, settle(rendered.get(one.name)?.text ?? ''), `${one.name}, rendered twice`);
        if (index === 0 && isUpdate) writeFileSync(file, text);
        const golden = readFileSync(file, 'utf8');
        assert.deepEqual(
          sorted(text),
          sorted(golden),
          `${helm.name}, ${one.name}: read the change, then "make chart-goldens"`,
        );
      }
    }
  });

  it('keeps selectors, claims and the names of what has them (upgrade from the last release)', () => {
    const now = Object.fromEntries(
      cases.map(({ name }) => [name, Object.fromEntries((rendered.get(name)?.manifests ?? []).flatMap(immutable))]),
    );
    if (process.env['PREVIOUS'] === '1') writeFileSync(previousFile, `${JSON.stringify(now, null, 2)}\n`);
    const before = JSON.parse(readFileSync(previousFile, 'utf8')) as JsonObject;
    assert.deepEqual(Object.keys(before), Object.keys(presets));
    for (const [name, fields] of Object.entries(before)) {
      for (const [what, value] of Object.entries(fields as JsonObject)) {
        assert.deepEqual(now[name]?.[what], value, `${name}: ${what}; an upgrade would fail on it`);
      }
    }
  });

  it('sets no variable that its program does not know', async () => {
    const coordinator = coordinatorEnvironmentHelp.map(([name]) => name);
    const { stdout: help } = await run(['status', '--help']);
    const client = help.match(/CHESTER_[A-Z_]+/g) ?? [];
    const known: Readonly<Record<string, ReadonlySet<string>>> = {
      coordinator: new Set([...coordinator, ...client]),
      // The name of its pod is only there to put its own together.
      'chester-agent': new Set([...agentEnvironmentHelp.map(({ name }) => name), 'POD_NAME']),
      injector: new Set(injectorEnvironmentHelp.map(([name]) => name)),
      debug: new Set([...coordinator, ...client]),
      backup: new Set([...coordinator, 'BACKUP_FOLDER', 'BACKUP_KEEP']),
      test: new Set([...client, 'TEST_GROUP', 'TEST_TIMEOUT_SECONDS']),
    };
    const given = new Set<string>();
    const whole = await render(helms[0]!, { ...cluster, name: 'everything', values: everything });
    for (const { manifests } of [whole, ...rendered.values()]) {
      for (const container of manifests.flatMap((one) => containersOf(podOf(one) ?? null))) {
        const program = known[textAt(container, 'name')];
        for (const variable of program === undefined
          ? []
          : listAt(container, 'env').map((entry) => textAt(entry, 'name'))) {
          // An `extraEnv` of the cases.
          if (variable === 'TZ') continue;
          assert.ok(
            program?.has(variable),
            `${textAt(container, 'name')} is given ${variable}, which its help does not name`,
          );
          given.add(`${textAt(container, 'name')} ${variable}`);
        }
      }
    }
    for (const program of Object.keys(known))
      assert.ok(
        [...given].some((one) => one.startsWith(program)),
        program,
      );
  });

  it('names agents by cell, namespace and pod: a global Service leads those of several cells to one coordinator', () => {
    const { manifests } = rendered.get('multi-cell')!;
    const containers = manifests.flatMap((one) => containersOf(podOf(one) ?? null));
    const agent = containers.find((one) => textAt(one, 'name') === 'chester-agent') ?? null;
    const valueOf = (name: string) =>
      textAt(
        listAt(agent, 'env').find((entry) => textAt(entry, 'name') === name),
        'value',
      );
    assert.equal(valueOf('AGENT_ID'), `${valueOf('CELL')}.shop.$(POD_NAME)`);
  });

  /** Data that outlives a release, as the chart's README says. */
  const keptOf: Readonly<Record<string, readonly string[]>> = {
    trial: [],
    minimal: ['PersistentVolumeClaim/chester-store'],
    ha: ['PersistentVolumeClaim/chester-backup'],
    'multi-cell': ['PersistentVolumeClaim/chester-backup'],
  };

  it('leaves nothing behind when it is uninstalled but what it says', () => {
    for (const [name, { manifests }] of rendered) {
      const hooks = manifests.filter((one) => at(one, 'metadata', 'annotations', 'helm.sh/hook') !== undefined);
      // Helm forgets what its hooks made: only the test's pod may be one, which ends by itself.
      assert.deepEqual(
        [...new Set(hooks.map((one) => at(one, 'metadata', 'annotations', 'helm.sh/hook')))],
        ['test'],
        name,
      );
      const kept = manifests.filter((one) => at(one, 'metadata', 'annotations', 'helm.sh/resource-policy') === 'keep');
      assert.deepEqual(kept.map(nameOf), keptOf[name], name);
      const webhooks = manifests.filter(({ kind }) => kind === 'MutatingWebhookConfiguration');
      for (const one of webhooks) assert.equal(at(one, 'metadata', 'annotations', 'helm.sh/hook'), undefined, name);
    }
  });

  it('gives the injector the rights that its documentation names, and no more', async () => {
    const values = merge(presets['ha'] ?? {}, { injector: { certificate: { source: 'own' } } });
    const { manifests } = await render(helms[0]!, { name: 'rights', values, isSchemaKnown: true });
    const roles = manifests.filter(({ kind, metadata }) => /Role$/.test(kind) && /-injector/.test(metadata.name));
    const rights = roles
      .flatMap((role) => listAt(role, 'rules'))
      .flatMap((rule) => listAt(rule, 'resources').map((one) => [one, ...listAt(rule, 'verbs')] as readonly string[]));
    assert.deepEqual(rights.map((words) => words.join(' ')).sort(), [
      'events create',
      'mutatingwebhookconfigurations get patch',
      'namespaces get list watch',
      'nodes list',
      'pods list',
      'secrets create',
      'secrets get update',
    ]);
  });

  it('makes certificates that fit together: of the coordinators, for every name, and of agents', async () => {
    const values = merge(presets['ha'] ?? {}, { agents: { identity: 'certificate' }, injector: { enabled: false } });
    const { manifests } = await render(helms[0]!, { name: 'certificates', values, isSchemaKnown: true });
    const read = (secret: string, key: string) =>
      Buffer.from(
        textAt(
          manifests.find(({ metadata }) => metadata.name === secret),
          'data',
          key,
        ),
        'base64',
      );
    const authority = new X509Certificate(read('chester-tls', 'ca.crt'));
    const server = new X509Certificate(read('chester-tls', 'tls.crt'));
    const agent = new X509Certificate(read('chester-agent-tls', 'tls.crt'));
    assert.deepEqual(read('chester-agent-tls', 'ca.crt'), read('chester-tls', 'ca.crt'));
    for (const certificate of [server, agent]) assert.ok(certificate.verify(authority.publicKey));
    // What an upgrade signs with.
    assert.deepEqual(read('chester-tls-authority', 'tls.crt'), read('chester-tls', 'ca.crt'));
    assert.ok(authority.checkPrivateKey(createPrivateKey(read('chester-tls-authority', 'tls.key'))));
    assert.ok(
      !manifests.some((one) => JSON.stringify(podOf(one)).includes('chester-tls-authority')),
      'no pod has its key',
    );
    assert.ok(server.checkPrivateKey(createPrivateKey(read('chester-tls', 'tls.key'))));
    assert.ok(agent.checkPrivateKey(createPrivateKey(read('chester-agent-tls', 'tls.key'))));
    for (const name of ['chester-grpc.shop.svc', 'chester-grpc.shop.svc.cluster.local', 'localhost']) {
      assert.equal(server.checkHost(name), name);
    }
    assert.equal(server.checkIP('127.0.0.1'), '127.0.0.1');
    const access = textAt(
      manifests.find(({ metadata }) => metadata.name === 'chester-access'),
      'stringData',
      'access.yaml',
    );
    const { ok } = parseAccessTable(parse(access));
    assert.ok(ok, access);
    assert.ok(agent.checkHost('chester-agent.shop') !== undefined && access.includes('DNS:chester-agent.shop'));
  });

  it('asks the cluster about each pod once, and lets pods start when nobody answers', async () => {
    const { manifests } = await render(helms[0]!, {
      ...cluster,
      name: 'webhook',
      values: everything,
      isSchemaKnown: true,
    });
    const webhook = manifests.find(({ kind }) => kind === 'MutatingWebhookConfiguration');
    const hooks = listAt(webhook, 'webhooks');
    assert.equal(hooks.length, 3);
    for (const hook of hooks) assert.equal(at(hook, 'failurePolicy'), 'Ignore');
    const fleetOf = (hook: Json, selector: string) =>
      listAt(hook, selector, 'matchExpressions').find((one) => at(one, 'key') === 'chester/fleet');
    const asked = hooks.map((hook) => [
      textAt(fleetOf(hook, 'namespaceSelector') ?? null, 'operator'),
      textAt(fleetOf(hook, 'objectSelector') ?? null, 'operator'),
    ]);
    assert.deepEqual(asked, [
      ['Exists', ''],
      ['DoesNotExist', 'Exists'],
      ['DoesNotExist', 'DoesNotExist'],
    ]);
  });
});

/** Objects by their names: the order of a document's lines is no matter between helms. */
function sorted(text: string): Readonly<Record<string, Manifest>> {
  return Object.fromEntries(parseManifests(text).map((one) => [`${nameOf(one)} ${one.metadata.namespace ?? ''}`, one]));
}

/** What Kubernetes does not let one change, or what would lose data. */
function immutable(manifest: Manifest): [string, Json][] {
  const paths: Readonly<Record<string, readonly (readonly string[])[]>> = {
    Deployment: [['spec', 'selector']],
    StatefulSet: [
      ['spec', 'selector'],
      ['spec', 'serviceName'],
      ['spec', 'podManagementPolicy'],
      ['spec', 'volumeClaimTemplates'],
    ],
    PersistentVolumeClaim: [
      ['spec', 'accessModes'],
      ['spec', 'storageClassName'],
      ['metadata', 'name'],
    ],
    Service: [
      ['spec', 'clusterIP'],
      ['spec', 'selector'],
    ],
    RoleBinding: [['roleRef']],
    ClusterRoleBinding: [['roleRef']],
  };
  return (paths[manifest.kind] ?? []).map((where) => [
    `${nameOf(manifest)} ${where.join('.')}`,
    at(manifest, ...where) ?? null,
  ]);
}
