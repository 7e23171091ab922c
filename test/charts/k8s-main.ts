// `make test-k8s`: install, injection, upgrade and uninstall against the cluster that KUBECONFIG names, in a namespace of
// its own. Images have to be there: CHESTER_REGISTRY and CHESTER_TAG name them. Without KUBECONFIG it says so and exits 0.
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { chartFolder, helmMissing, unpack } from './helm.ts';
import { at, type Json, listAt, textAt } from './manifests.ts';

const { KUBECONFIG = '', CHESTER_REGISTRY = '', CHESTER_TAG = '', HELM = '', KUBECTL = '' } = process.env;
if (KUBECONFIG === '') {
  process.stdout.write('SKIPPED: KUBECONFIG names no cluster. kind create cluster, load the images, and try again.\n');
  process.exit(0);
}
if (helmMissing !== null) {
  process.stdout.write(`SKIPPED: ${helmMissing}\n`);
  process.exit(0);
}
const helm = HELM === '' ? unpack('helm4', 'helm') : HELM;
const kubectl = KUBECTL === '' ? unpack('helm4', 'kubectl') : KUBECTL;
const namespace = `chester-test-${Date.now().toString(36)}`;
const images = ['--set', `image.registry=${CHESTER_REGISTRY}`, '--set', `image.tag=${CHESTER_TAG}`];

/** Runs a program and shows what it says. @throws {Error} when it fails. */
function run(program: string, ...args: readonly string[]): string {
  process.stdout.write(`$ ${program === helm ? 'helm' : 'kubectl'} ${args.join(' ')}\n`);
  const output = execFileSync(program, ['--namespace', namespace, ...args], {
    encoding: 'utf8',
    timeout: 600_000,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.stdout.write(output);
  return output;
}
const read = (...args: readonly string[]) => JSON.parse(run(kubectl, 'get', ...args, '-o', 'json')) as Json;

function expect(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`not so: ${what}`);
  process.stdout.write(`ok: ${what}\n`);
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    if (isSo()) {
      process.stdout.write(`ok: ${what}\n`);
      return;
    }
    await pause(2000);
  }
  throw new Error(`two minutes were not enough for: ${what}`);
}

/** A ProxySQL pod as somebody has it, without an agent; it need not run to be injected. */
const victim = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'proxysql', labels: { 'chester/fleet': 'elsewhere' } },
  spec: { containers: [{ name: 'proxysql', image: 'docker.io/proxysql/proxysql:2.7.1' }] },
};

const trial = ['chester', chartFolder, ...images, '--wait', '--timeout', '5m'];
const injecting = [
  ...['--set', 'injector.enabled=true', '--set', 'agents.identity=token', '--set-json', 'fleets={"elsewhere":{}}'],
  ...['--set-json', `access.agents=[{"serviceAccount":"${namespace}/*","fleets":["*"]}]`],
];

async function play(): Promise<void> {
  run(kubectl, 'create', 'namespace', namespace);
  run(kubectl, 'label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted');
  run(helm, 'install', ...trial);
  run(helm, 'test', 'chester', '--logs');

  const token = textAt(read('secret', 'chester-credentials'), 'data', 'admin-token');
  const selector = at(read('deployment', 'chester'), 'spec', 'selector');
  const issuer = JSON.parse(run(kubectl, 'get', '--raw', '/.well-known/openid-configuration')) as Json;
  run(
    helm,
    'upgrade',
    ...trial,
    ...injecting,
    '--set',
    `agents.token.issuer=${textAt(issuer, 'issuer')}`,
    '--set',
    'sandbox.proxysql.enabled=false',
  );
  expect(
    textAt(read('secret', 'chester-credentials'), 'data', 'admin-token') === token,
    'an upgrade keeps what was made',
  );
  expect(
    JSON.stringify(at(read('deployment', 'chester'), 'spec', 'selector')) === JSON.stringify(selector),
    'an upgrade keeps selectors',
  );

  const webhook = `chester-injector-${namespace}`;
  await until('the webhook trusts its injector', () => {
    const hooks = listAt(read('mutatingwebhookconfiguration', webhook), 'webhooks');
    return hooks.length > 0 && hooks.every((hook) => textAt(hook, 'clientConfig', 'caBundle') !== '');
  });
  // Pod Security refuses a careless pod in this namespace: what the webhook made of it is looked at before that.
  run(kubectl, 'label', '--overwrite', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=privileged');
  execFileSync(kubectl, ['--namespace', namespace, 'apply', '-f', '-'], {
    input: JSON.stringify(victim),
    timeout: 60_000,
  });
  const pod = read('pod', 'proxysql');
  const names = [...listAt(pod, 'spec', 'initContainers'), ...listAt(pod, 'spec', 'containers')].map((one) =>
    textAt(one, 'name'),
  );
  expect(names.includes('chester-agent'), 'a marked pod gets an agent');

  run(helm, 'uninstall', 'chester', '--wait');
  const left = run(kubectl, 'get', 'mutatingwebhookconfigurations', '-o', 'name');
  expect(!left.includes(webhook), 'uninstalling leaves no webhook behind');
}

try {
  await play();
  process.stdout.write('passed\n');
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
} finally {
  run(helm, 'uninstall', 'chester', '--ignore-not-found');
  run(kubectl, 'delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
}
