// Runs the pod of a rendered workload as processes of this machine: the same commands, arguments, environment and files.
// Only paths are others (a folder stands for each volume), and addresses of Services (everything is on loopback).
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { at, type Json, listAt, type Manifest, podOf, textAt } from './manifests.ts';

export type LocalPodOptions = {
  readonly manifests: readonly Manifest[];
  readonly folder: string;
  /** The program and its first arguments that stand for an image; its own command follows when it has one. */
  readonly programOf: (image: string, command: readonly string[]) => readonly string[];
  /** What stands for other texts, for example names of Services. */
  readonly instead: Readonly<Record<string, string>>;
};

/** Processes that stand for the containers of one pod. */
export class LocalPod {
  readonly #options: LocalPodOptions;
  readonly #pod: Json;
  readonly #folders = new Map<string, string>();
  readonly #instead: readonly (readonly [string, string])[];
  readonly #running = new Map<string, ChildProcess>();

  constructor(options: LocalPodOptions, workload: Manifest) {
    this.#options = options;
    this.#pod = podOf(workload) ?? null;
    const volumes = listAt(this.#pod, 'volumes').map((volume) => textAt(volume, 'name'));
    for (const name of volumes) this.#folders.set(name, path.join(options.folder, name));
    const mounts = this.#containers()
      .flatMap((container) => listAt(container, 'volumeMounts'))
      .filter((mount) => textAt(mount, 'mountPath') !== '/tmp')
      .map((mount) => [textAt(mount, 'mountPath'), this.#folders.get(textAt(mount, 'name')) ?? ''] as const);
    // The longest first, so that no path is taken for the beginning of another.
    this.#instead = [...Object.entries(options.instead), ...mounts].sort(([one], [other]) => other.length - one.length);
    for (const volume of listAt(this.#pod, 'volumes')) this.#fill(volume);
  }

  /** Runs the init containers one after the other, then starts the others. @throws {Error} when one fails. */
  async start(): Promise<void> {
    for (const container of listAt(this.#pod, 'initContainers')) await this.run(container);
    for (const container of listAt(this.#pod, 'containers'))
      this.#running.set(textAt(container, 'name'), this.#spawn(container));
  }

  /** Runs one container to its end. @throws {Error} with what it wrote when it fails. */
  async run(container: Json): Promise<string> {
    const child = this.#spawn(container);
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    const log = readFileSync(this.logFile(textAt(container, 'name')), 'utf8');
    if (code !== 0) throw new Error(`${textAt(container, 'name')} ended with ${String(code)}: ${log}`);
    return log;
  }

  /** Names of containers that ended. */
  ended(): readonly string[] {
    return [...this.#running]
      .filter(([, child]) => child.exitCode !== null || child.signalCode !== null)
      .map(([name]) => name);
  }

  logFile(name: string): string {
    return path.join(this.#options.folder, `${name}.log`);
  }

  /** Ends every process, the last started first. */
  async stop(): Promise<void> {
    for (const [, child] of [...this.#running].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise<void>((resolve) =>
        child.once('exit', () => {
          resolve();
        }),
      );
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(late);
    }
  }

  #containers(): readonly Json[] {
    return [...listAt(this.#pod, 'initContainers'), ...listAt(this.#pod, 'containers')];
  }

  #local(text: string): string {
    return this.#instead.reduce((here, [from, to]) => here.replaceAll(from, to), text);
  }

  #spawn(container: Json): ChildProcess {
    const words = (field: string) => listAt(container, field).map((word) => this.#local(word as string));
    const command = words('command');
    const [program = '', ...first] = this.#options.programOf(textAt(container, 'image'), command);
    const log = openSync(this.logFile(textAt(container, 'name')), 'a');
    const env: Record<string, string> = {};
    for (const entry of listAt(container, 'env')) {
      const value = this.#valueOf(entry).replace(/\$\((\w+)\)/g, (whole, name: string) => env[name] ?? whole);
      env[textAt(entry, 'name')] = value;
    }
    return spawn(program, [...first, ...words('args')], {
      env: { PATH: process.env['PATH'] ?? '', HOME: this.#options.folder, ...env },
      stdio: ['ignore', log, log],
    });
  }

  #valueOf(entry: Json): string {
    const secret = at(entry, 'valueFrom', 'secretKeyRef');
    if (secret !== undefined) return this.#secret(textAt(secret, 'name'), textAt(secret, 'key'));
    const field = textAt(entry, 'valueFrom', 'fieldRef', 'fieldPath');
    const fields: Readonly<Record<string, string>> = {
      'metadata.name': 'chester-0',
      'metadata.uid': '6f1c7a4e-0000-4000-8000-000000000001',
    };
    return field === '' ? this.#local(textAt(entry, 'value')) : (fields[field] ?? '');
  }

  #secret(name: string, key: string): string {
    const secret = this.#find('Secret', name);
    const plain = textAt(secret, 'stringData', key);
    const encoded = textAt(secret, 'data', key);
    if (plain === '' && encoded === '') throw new Error(`no secret ${name} with ${key}`);
    return plain === '' ? Buffer.from(encoded, 'base64').toString('utf8') : plain;
  }

  #find(kind: string, name: string): Manifest {
    const found = this.#options.manifests.find((one) => one.kind === kind && one.metadata.name === name);
    if (found === undefined) throw new Error(`the chart makes no ${kind} ${name}`);
    return found;
  }

  #fill(volume: Json): void {
    const folder = this.#folders.get(textAt(volume, 'name')) ?? '';
    mkdirSync(folder, { recursive: true });
    const sources = at(volume, 'projected') === undefined ? [volume] : listAt(volume, 'projected', 'sources');
    for (const source of sources) {
      for (const [name, content] of this.#filesOf(source)) writeFileSync(path.join(folder, name), content);
    }
  }

  #filesOf(source: Json): readonly (readonly [string, string])[] {
    const secret = at(source, 'secret');
    const config = at(source, 'configMap');
    if (config !== undefined) {
      const content = at(this.#find('ConfigMap', textAt(config, 'name')), 'data') ?? {};
      return Object.entries(content as Readonly<Record<string, string>>).map(([key, text]) => [key, this.#local(text)]);
    }
    if (secret === undefined) return [];
    const name = textAt(secret, 'name') || textAt(secret, 'secretName');
    const items = listAt(secret, 'items');
    const keys = Object.keys({
      ...(at(this.#find('Secret', name), 'data') as object | undefined),
      ...(at(this.#find('Secret', name), 'stringData') as object | undefined),
    });
    const wanted = items.length === 0 ? keys.map((key) => ({ key, path: key })) : items;
    return wanted.map((item) => [textAt(item, 'path'), this.#secret(name, textAt(item, 'key'))] as const);
  }
}
