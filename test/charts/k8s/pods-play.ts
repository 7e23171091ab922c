// What needs pods that run: the trial comes up and passes `helm test`, and the injector as a pod injects.
import { merge } from '../cases.ts';
import { at, type Json, type JsonObject, listAt, textAt } from '../manifests.ts';
import { createNamespace, expect, fileOf, images, kubectl, Release, until } from './cluster.ts';

/** A ProxySQL pod as somebody has it, without an agent; it need not run to be injected. */
const victim = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'proxysql', labels: { 'chester/fleet': 'elsewhere' } },
  spec: { containers: [{ name: 'proxysql', image: 'docker.io/proxysql/proxysql:2.7.1' }] },
};

export async function playPods(namespace: string): Promise<void> {
  const waiting = ['--wait', '--timeout', '5m'];
  createNamespace(namespace, 'restricted');
  const release = new Release(namespace);
  release.install(images, ...waiting);
  release.helm('test', 'chester', '--logs');

  const token = release.secret('chester-credentials', 'admin-token');
  const issuer = JSON.parse(kubectl(['get', '--raw', '/.well-known/openid-configuration'])) as Json;
  const values: JsonObject = merge(images, {
    injector: { enabled: true },
    agents: { identity: 'token', token: { issuer: textAt(issuer, 'issuer') } },
    fleets: { elsewhere: {} },
    access: { agents: [{ serviceAccount: `${namespace}/*`, fleets: ['*'] }] },
    sandbox: { proxysql: { enabled: false } },
  });
  release.upgrade(values, ...waiting);
  expect(release.secret('chester-credentials', 'admin-token') === token, 'an upgrade keeps what was made');

  const webhook = `chester-injector-${namespace}`;
  await until('the webhook trusts its injector', () => {
    const hooks = listAt(release.read('mutatingwebhookconfiguration', webhook), 'webhooks');
    return hooks.length > 0 && hooks.every((hook) => textAt(hook, 'clientConfig', 'caBundle') !== '');
  });
  // Pod Security refuses a careless pod in this namespace: what the webhook made of it is looked at before that.
  kubectl(['label', '--overwrite', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=privileged']);
  kubectl(['create', '-n', namespace, '-f', fileOf(victim)]);
  const pod = release.read('pod', 'proxysql');
  const names = ['initContainers', 'containers']
    .flatMap((list) => listAt(pod, 'spec', list))
    .map((one) => at(one, 'name'));
  expect(names.includes('chester-agent'), 'a marked pod gets an agent');

  release.helm('uninstall', 'chester', '--wait');
  const left = kubectl(['get', 'mutatingwebhookconfigurations', '-o', 'name']);
  expect(!left.includes(webhook), 'uninstalling leaves no webhook behind');
}
