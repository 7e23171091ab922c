// Injection through an API server's own admission: the webhook's selectors and conditions, its certificate, what the server
// says of each pod that came back, and what happens while no injector answers.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { merge, presets } from '../cases.ts';
import { root } from '../helm.ts';
import { at, type Json, type JsonObject, listAt, textAt } from '../manifests.ts';
import { createNamespace, expect, fileOf, images, kubectl, readJson, Release, tryKubectl, until } from './cluster.ts';
import { LocalInjector } from './local-injector.ts';

const pods = path.join(root, 'test', 'injector', 'pods');
const agent = 'chester-agent';

/** The pods of a file: pods themselves, and one of each template, as its controller would ask for it. */
function readPods(name: string): readonly JsonObject[] {
  const documents = parseAllDocuments(readFileSync(path.join(pods, name), 'utf8')).map(
    (one) => one.toJSON() as JsonObject,
  );
  return documents
    .flatMap((one) => (one['kind'] === 'List' ? (listAt(one, 'items') as readonly JsonObject[]) : [one]))
    .flatMap((one) => {
      const template = one['kind'] === 'Pod' ? one : (at(one, 'spec', 'template') as JsonObject | undefined);
      if (template === undefined) return [];
      const claims = listAt(one, 'spec', 'volumeClaimTemplates').map((claim) => textAt(claim, 'metadata', 'name'));
      const volumes = [
        ...listAt(template, 'spec', 'volumes'),
        ...claims.map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: claim } })),
      ];
      const metadata = { ...(at(template, 'metadata') as JsonObject), name: textAt(one, 'metadata', 'name') };
      return [
        {
          ...{ apiVersion: 'v1', kind: 'Pod' },
          metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== 'namespace')),
          spec: { ...(at(template, 'spec') as JsonObject), serviceAccountName: 'default', volumes },
        },
      ];
    });
}

function containers(pod: Json): readonly string[] {
  const lists = ['initContainers', 'containers'].flatMap((list) => listAt(pod, 'spec', list));
  return lists.map((one) => textAt(one, 'name'));
}

/** Asks the API server for a pod without making it; admission takes place all the same. */
function ask(namespace: string, pod: JsonObject): Json {
  const args = ['create', '--dry-run=server', '--validate=strict', '-o', 'json', '-n', namespace, '-f', fileOf(pod)];
  return JSON.parse(kubectl(args)) as Json;
}

function proxysqlPod(name: string, marks: JsonObject): JsonObject {
  return {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: { name, ...marks },
    // An API server without controllers may have no admission that says so itself.
    spec: {
      serviceAccountName: 'default',
      containers: [{ name: 'proxysql', image: 'docker.io/proxysql/proxysql:2.7.1' }],
    },
  };
}

/** Which files of test/injector/pods get agents, by what their goldens say. */
function expectRealWorld(namespace: string): void {
  const goldens = path.join(root, 'test', 'injector', 'goldens');
  let injected = 0;
  for (const name of readdirSync(pods).sort()) {
    const golden = readFileSync(path.join(goldens, name.replace('.yaml', '.native.yaml')), 'utf8');
    for (const pod of readPods(name)) {
      const isWanted = golden.includes('chester/injected');
      const answer = ask(namespace, pod);
      const isInjected = at(answer, 'metadata', 'annotations', 'chester/injected') !== undefined;
      if (name !== '14-list.yaml') expect(isInjected === isWanted, `${name}: ${isWanted ? 'injected' : 'left alone'}`);
      injected += Number(isInjected);
      // Injected anew it stays as it is: agents are never there twice.
      expect(containers(answer).filter((one) => one === agent).length <= 1, `${name}: one agent at most`);
    }
  }
  expect(injected >= 10, `${injected} real-world pods came back with an agent, and the API server took them`);
}

function expectMarks(namespace: string, marked: string): void {
  const has = (where: string, pod: JsonObject): boolean => containers(ask(where, pod)).includes(agent);
  const fleet = { 'chester/fleet': 'main' };
  expect(has(namespace, proxysqlPod('by-label', { labels: fleet })), 'a label on the pod');
  expect(has(namespace, proxysqlPod('by-annotation', { annotations: fleet })), 'an annotation on the pod');
  expect(has(marked, proxysqlPod('by-namespace', {})), 'a label on the namespace');
  expect(!has(namespace, proxysqlPod('unmarked', {})), 'no other pod');
  expect(
    !has(namespace, proxysqlPod('out', { labels: { ...fleet, 'chester/inject': 'false' } })),
    'no pod that is kept out',
  );
  const twice = ask(namespace, proxysqlPod('twice', { labels: fleet })) as JsonObject;
  const again = ask(namespace, { ...twice, metadata: strip(twice['metadata'] as JsonObject) });
  expect(
    JSON.stringify(containers(again)) === JSON.stringify(containers(twice)),
    'a pod that was injected before stays as it is',
  );
}

function strip(metadata: JsonObject): JsonObject {
  const { name = '', labels = {}, annotations = {} } = metadata;
  return { name, labels, annotations };
}

const injecting: JsonObject = merge(presets['ha'] ?? {}, {
  injector: { failurePolicy: 'Ignore' },
  access: { agents: [{ serviceAccount: '*/*', fleets: ['*'] }] },
});

/** Sends the API server to the injector of this machine, in place of the Service. */
function redirect(webhook: string, port: number): void {
  const configuration = readJson('get', 'mutatingwebhookconfiguration', webhook);
  const operations = listAt(configuration, 'webhooks').map((hook, index) => ({
    ...{ op: 'replace', path: `/webhooks/${index}/clientConfig` },
    value: { url: `https://localhost:${port}/inject`, caBundle: textAt(hook, 'clientConfig', 'caBundle') },
  }));
  kubectl(['patch', 'mutatingwebhookconfiguration', webhook, '--type=json', '-p', JSON.stringify(operations)]);
}

const trusted = (webhook: string) => (): boolean => {
  const { ok, output } = tryKubectl('get', 'mutatingwebhookconfiguration', webhook, '-o', 'json');
  if (!ok) return false;
  const hooks = listAt(JSON.parse(output) as Json, 'webhooks');
  return hooks.length > 0 && hooks.every((hook) => textAt(hook, 'clientConfig', 'caBundle') !== '');
};

/** Injection by a process of this machine; `prefix` names the namespaces. */
export async function playInjection(prefix: string): Promise<void> {
  const [own, shop, marked] = [`${prefix}-injector`, `${prefix}-shop`, `${prefix}-marked`];
  for (const one of [own, shop, marked]) createNamespace(one, 'privileged');
  kubectl(['label', 'namespace', marked, 'chester/fleet=main']);
  const release = new Release(own);
  const values = merge(injecting, images);
  release.install(values);
  const webhook = `chester-injector-${own}`;
  const injector = new LocalInjector(release, 'chester-injector');
  try {
    const port = await injector.start();
    await until('the webhook trusts its injector, which may do what it has to', trusted(webhook));
    release.upgrade(merge(values, { retention: { keepDays: 5 } }));
    expect(trusted(webhook)(), 'an upgrade leaves the trust in the webhook as it is');
    redirect(webhook, port);
    await until('the API server reaches it', () =>
      containers(ask(shop, proxysqlPod('first', { labels: { 'chester/fleet': 'main' } }))).includes(agent),
    );
    expectMarks(shop, marked);
    expectRealWorld(shop);
    await playWithout(shop, webhook, injector);
  } finally {
    await injector.stop();
  }
  release.helm('uninstall', 'chester');
  const left = kubectl(['get', 'mutatingwebhookconfigurations', '-o', 'name']);
  expect(!left.includes(webhook), 'uninstalling leaves no webhook behind');
}

/** While no injector answers, pods start as they are; people are told afterwards. */
async function playWithout(namespace: string, webhook: string, injector: LocalInjector): Promise<void> {
  await injector.stop();
  const missed = proxysqlPod('missed', { labels: { 'chester/fleet': 'main' } });
  kubectl(['create', '-n', namespace, '-f', fileOf(missed)]);
  const made = readJson('get', 'pod', 'missed', '-n', namespace);
  expect(!containers(made).includes(agent), 'without an injector a pod is made without an agent');
  redirect(webhook, await injector.start());
  await until('an event tells of the pod that was missed', () => {
    const select = '--field-selector=reason=AgentNotInjected,involvedObject.name=missed';
    return tryKubectl('get', 'events', '-n', namespace, select, '-o', 'name').output.includes('event');
  });
}
