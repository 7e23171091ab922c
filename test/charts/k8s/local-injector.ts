// The injector as a process of this machine, with the rights of the release's own service account and nothing else.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { type Json, listAt, textAt } from '../manifests.ts';
import { fileOf, kubectl, readJson, type Release } from './cluster.ts';

const program = path.resolve(import.meta.dirname, '..', '..', '..', 'bin', 'chester.js');

/** Values that an injector is told; its ports and its access come from here. */
export class LocalInjector {
  readonly #env: NodeJS.ProcessEnv;
  #process: ChildProcess | null = null;

  constructor(release: Release, account: string) {
    const deployment = release.read('deployment', 'chester-injector');
    const [container] = listAt(deployment, 'spec', 'template', 'spec', 'containers');
    const given = listAt(container, 'env').map((one) => [textAt(one, 'name'), textAt(one, 'value')] as const);
    this.#env = {
      PATH: process.env['PATH'],
      ...Object.fromEntries(given),
      POD_NAMESPACE: release.namespace,
      WEBHOOK_NAMES: 'localhost',
      COORDINATOR_CA_FILE: '',
      COORDINATOR_TLS: 'true',
      LISTEN_HOST: '127.0.0.1',
      WEBHOOK_PORT: '0',
      HTTP_PORT: '0',
      MISSED_INTERVAL_SECONDS: '2',
      STOP_DELAY_MS: '0',
      KUBECONFIG: kubeConfigOf(release.namespace, account),
    };
  }

  /** Starts it, and says where it answers. */
  async start(): Promise<number> {
    const child = spawn(process.execPath, [program, 'injector'], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    for await (const chunk of child.stdout) {
      const line = String(chunk)
        .split('\n')
        .find((one) => one.startsWith('{"webhook":'));
      if (line !== undefined) return (JSON.parse(line) as { readonly webhook: number }).webhook;
    }
    throw new Error('the injector did not start');
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child === null || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
}

/** A kubeconfig of a service account: the cluster of this one, and a token of the account. */
function kubeConfigOf(namespace: string, account: string): string {
  const token = kubectl(['create', 'token', account, '-n', namespace]).trim();
  const config = readJson('config', 'view', '--raw', '--minify', '--flatten');
  const cluster = (listAt(config, 'clusters')[0] as { readonly cluster: Json }).cluster;
  return fileOf({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'account' },
    clusters: [{ name: 'cluster', cluster }],
    users: [{ name: 'account', user: { token } }],
    contexts: [{ name: 'account', context: { cluster: 'cluster', user: 'account' } }],
  });
}
