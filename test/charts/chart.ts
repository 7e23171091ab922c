import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chartFolder, type Helm, type Run, runHelm } from './helm.ts';
import { type JsonObject, type Manifest, parseManifests } from './manifests.ts';

/** One rendering: values, and what the cluster is said to be. */
export type Case = {
  readonly name: string;
  readonly values: JsonObject;
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
  /** Leaves the schema out, which is half of the work, where other cases hold these values to it. */
  readonly isSchemaKnown?: boolean;
};

export type Rendered = { readonly text: string; readonly manifests: readonly Manifest[] };

/** Renders the chart, or says why helm refused. */
export function renderText(helm: Helm, one: Case): Promise<Run> {
  const { values, kubeVersion, apiVersions = [], isSchemaKnown } = one;
  const capabilities = apiVersions.flatMap((version) => ['--api-versions', version]);
  const version = kubeVersion === undefined ? [] : ['--kube-version', kubeVersion];
  const schema = isSchemaKnown === true ? ['--skip-schema-validation'] : [];
  return withValues(values, (file) => {
    const args = ['template', 'chester', chartFolder, '--namespace', 'shop', '-f', file];
    return runHelm(helm, [...args, ...version, ...capabilities, ...schema]);
  });
}

/** Runs `helm lint --strict`. */
export function lint(helm: Helm, values: JsonObject): Promise<Run> {
  return withValues(values, (file) => runHelm(helm, ['lint', '--strict', chartFolder, '-f', file]));
}

async function withValues<T>(values: JsonObject, use: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'chester-values-'));
  const file = path.join(folder, 'values.yaml');
  writeFileSync(file, JSON.stringify(values));
  try {
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Renders the chart. @throws {Error} with helm's words when it refuses. */
export async function render(helm: Helm, one: Case): Promise<Rendered> {
  const { ok, stdout, stderr } = await renderText(helm, one);
  if (!ok) throw new Error(`${helm.name}, ${one.name}: ${stderr}`);
  return { text: stdout, manifests: parseManifests(stdout) };
}

/** Runs a task for each item, a few at once, and keeps their order. */
export async function mapFew<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await task(next[1]);
  };
  await Promise.all([work(), work(), work()]);
  return results;
}
