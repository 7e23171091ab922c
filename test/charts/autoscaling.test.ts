// A fleet whose number of pods a HorizontalPodAutoscaler chooses, as every helm renders it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { merge, presets } from './cases.ts';
import { render } from './chart.ts';
import { chartFolder, findHelms, type Helm, helmMissing, runHelm } from './helm.ts';
import { at, type JsonObject, listAt, type Manifest, parseManifests } from './manifests.ts';

const autoscaled = (autoscaling: JsonObject): JsonObject =>
  merge(presets['minimal'] ?? {}, {
    fleets: { main: { proxysql: { autoscaling: { enabled: true, ...autoscaling } } } },
  });

const findIn = (manifests: readonly Manifest[], kind: string): Manifest | null =>
  manifests.find((one) => one.kind === kind) ?? null;

const setPath = '/apis/apps/v1/namespaces/shop/statefulsets/chester-main';
const scalerPath = '/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/chester-main';

/** An object of the release that runs. */
function running(apiVersion: string, kind: string, annotations: JsonObject, spec: JsonObject): JsonObject {
  const release = { 'meta.helm.sh/release-name': 'chester', 'meta.helm.sh/release-namespace': 'shop' };
  const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
  const metadata = { name: 'chester-main', namespace: 'shop', labels, annotations: { ...release, ...annotations } };
  return { apiVersion, kind, metadata, spec };
}

/** What an API server with these kinds says, which has one StatefulSet. */
function answersOf(manifests: readonly Manifest[]): Map<string, JsonObject> {
  const answers = new Map<string, JsonObject>([['/version', { major: '1', minor: '34', gitVersion: 'v1.34.0' }]]);
  const versions = [...new Set(manifests.map(({ apiVersion }) => apiVersion))];
  for (const groupVersion of versions) {
    const kinds = new Set(manifests.filter(({ apiVersion }) => apiVersion === groupVersion).map(({ kind }) => kind));
    const resources = [...kinds, ...(groupVersion === 'v1' ? ['Secret'] : [])].map((kind) => {
      return { name: `${kind.toLowerCase()}s`, kind, namespaced: true, verbs: ['get'] };
    });
    const list = { kind: 'APIResourceList', groupVersion, resources };
    answers.set(groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`, list);
  }
  const groups = versions
    .filter((groupVersion) => groupVersion.includes('/'))
    .map((groupVersion) => {
      const [name = '', version = ''] = groupVersion.split('/');
      return { name, versions: [{ groupVersion, version }] };
    });
  answers.set('/api', { kind: 'APIVersions', versions: ['v1'] });
  answers.set('/apis', { kind: 'APIGroupList', apiVersion: 'v1', groups });
  answers.set(setPath, running('apps/v1', 'StatefulSet', {}, { replicas: 7 }));
  return answers;
}

describe('a fleet with autoscaling', { skip: helmMissing ?? false }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'chester-autoscaling-'));
  const kubeconfig = path.join(folder, 'kubeconfig');
  let cluster: Server;
  let answers: Map<string, JsonObject>;

  before(async () => {
    const one = { name: 'kinds', values: autoscaled({}), kubeVersion: '1.34.0', isSchemaKnown: true };
    answers = answersOf((await render(findHelms()[0]!, one)).manifests);
    cluster = createServer((request, response) => {
      const answer = answers.get(request.url?.split('?')[0] ?? '');
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 }));
    });
    await new Promise<void>((resolve) => cluster.listen(0, '127.0.0.1', resolve));
    const server = `http://127.0.0.1:${(cluster.address() as AddressInfo).port}`;
    const context = { name: 'here', context: { cluster: 'here', user: 'nobody' } };
    const config = { clusters: [{ name: 'here', cluster: { server } }], contexts: [context] };
    writeFileSync(kubeconfig, JSON.stringify({ ...config, users: [{ name: 'nobody' }], 'current-context': 'here' }));
  });

  after(() => {
    cluster.closeAllConnections();
    cluster.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Renders as an upgrade does: with what the cluster has. */
  async function renderUpgrade(helm: Helm, values: JsonObject): Promise<readonly Manifest[]> {
    const file = path.join(folder, 'values.json');
    writeFileSync(file, JSON.stringify(values));
    const offline = ['--skip-schema-validation', '--disable-openapi-validation'];
    const args = ['template', 'chester', chartFolder, '--namespace', 'shop', '-f', file, '--dry-run=server'];
    const { ok, stdout, stderr } = await runHelm(helm, [...args, ...offline, '--kubeconfig', kubeconfig]);
    assert.ok(ok, stderr);
    return parseManifests(stdout);
  }

  for (const helm of findHelms()) {
    it(`is not measured by what has the target 0 (${helm.name})`, async () => {
      for (const [targets, names] of [
        [{}, ['cpu']],
        [{ targetCPU: 0, targetMemory: 80 }, ['memory']],
      ] as const) {
        const one = { name: 'autoscaled', values: autoscaled(targets), kubeVersion: '1.34.0', isSchemaKnown: true };
        const scaler = findIn((await render(helm, one)).manifests, 'HorizontalPodAutoscaler');
        const metrics = listAt(at(scaler, 'spec') ?? null, 'metrics');
        assert.deepEqual(
          metrics.map((metric) => at(metric, 'containerResource', 'name')),
          names,
        );
      }
    });

    it(`keeps its pods when an upgrade turns autoscaling on: left out, the number would become 1 (${helm.name})`, async () => {
      const set = findIn(await renderUpgrade(helm, autoscaled({})), 'StatefulSet');
      assert.equal(at(set, 'spec', 'replicas'), 7);
      assert.equal(at(set, 'metadata', 'annotations', 'chester/replicas'), 'kept');
    });

    it(`has its number in no release but behind one that had it: a rollback would bring it back (${helm.name})`, async () => {
      const before = answers.get(setPath)!;
      answers.set(scalerPath, running('autoscaling/v2', 'HorizontalPodAutoscaler', {}, {}));
      try {
        const set = findIn(await renderUpgrade(helm, autoscaled({})), 'StatefulSet');
        assert.deepEqual([at(set, 'spec', 'replicas'), at(set, 'metadata', 'annotations')], [undefined, undefined]);
        answers.set(setPath, running('apps/v1', 'StatefulSet', { 'chester/replicas': 'kept' }, { replicas: 7 }));
        const next = findIn(await renderUpgrade(helm, autoscaled({})), 'StatefulSet');
        assert.equal(at(next, 'spec', 'replicas'), 7);
      } finally {
        answers.set(setPath, before);
        answers.delete(scalerPath);
      }
    });
  }
});
