import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { everyApi, everything, presets, switchCases } from './cases.ts';
import { type Case, lint, mapFew, render } from './chart.ts';
import { findHelms, helmMissing } from './helm.ts';
import { at, containersOf, listAt, type Manifest, nameOf, podOf, textAt } from './manifests.ts';
import { findProblems } from './strict.ts';

const helms = findHelms();
const oldest = '1.25.0';
const newest = '1.34.0';

/** Each on a new cluster that knows nothing but Kubernetes itself; goldens.test.ts has them on one that knows all. */
const presetCases: readonly Case[] = Object.entries(presets).map(([name, values]) => ({
  name: `${name} on Kubernetes ${newest}`,
  values,
  kubeVersion: newest,
}));
const wholeCases: readonly Case[] = [oldest, newest].map((kubeVersion) => ({
  name: `everything on Kubernetes ${kubeVersion}`,
  values: everything,
  kubeVersion,
  apiVersions: everyApi,
}));
/** The second helm sees fewer: the templates are the same, and the matrix is to stay cheap. */
const casesOf = (index: number) => (index === 0 ? [...presetCases, ...wholeCases, ...switchCases()] : wholeCases);

describe('the chart', { skip: helmMissing ?? false }, () => {
  for (const [index, helm] of helms.entries()) {
    it(`passes lint --strict (${helm.name})`, async () => {
      const results = await mapFew([{}, everything], async (values) => lint(helm, values));
      for (const { ok, stdout, stderr } of results) assert.ok(ok, stdout + stderr);
    });

    it(`renders only what a strict API server takes (${helm.name})`, async () => {
      const problems = await mapFew(casesOf(index), async (one) => {
        const { manifests } = await render(helm, one);
        assert.ok(manifests.length > 0, one.name);
        const found = (await Promise.all(manifests.map(findProblems))).flat();
        return [...found, ...findBroken(manifests)].map((problem) => `${one.name}: ${problem}`);
      });
      assert.deepEqual(problems.flat(), []);
    });
  }
});

/** What no schema says: names that are taken twice, references into nothing, and what Pod Security forbids. */
function findBroken(manifests: readonly Manifest[]): readonly string[] {
  const names = manifests.map((one) => `${one.apiVersion} ${one.metadata.namespace ?? ''} ${nameOf(one)}`);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...twice.map((name) => `${name} is there twice`),
    ...manifests.flatMap(findLongName),
    ...manifests.flatMap((one) => findPodProblems(one, manifests)),
  ];
}

function findLongName({ kind, metadata }: Manifest): readonly string[] {
  return metadata.name.length > 63 ? [`${kind}/${metadata.name} is longer than 63 characters`] : [];
}

function findPodProblems(manifest: Manifest, all: readonly Manifest[]): readonly string[] {
  const pod = podOf(manifest);
  if (pod === null) return [];
  const where = nameOf(manifest);
  const problems: string[] = [];
  const made = new Set(all.map(nameOf));
  const security = at(pod, 'securityContext');
  if (at(security, 'runAsNonRoot') !== true || at(security, 'seccompProfile', 'type') !== 'RuntimeDefault') {
    problems.push(`${where} is not restricted`);
  }
  const claims = listAt(manifest, 'spec', 'volumeClaimTemplates').map((claim) => at(claim, 'metadata', 'name'));
  const volumes = [...listAt(pod, 'volumes').map((volume) => at(volume, 'name')), ...claims];
  if (new Set(volumes).size !== volumes.length) problems.push(`${where} has a volume twice`);
  for (const volume of listAt(pod, 'volumes')) {
    const config = at(volume, 'configMap', 'name');
    if (typeof config === 'string' && config.startsWith('chester') && !made.has(`ConfigMap/${config}`)) {
      problems.push(`${where} mounts the config map ${config}, which nobody makes`);
    }
  }
  for (const container of containersOf(pod)) problems.push(...findContainerProblems(container, where, volumes));
  return problems;
}

type Container = ReturnType<typeof containersOf>[number];

function findContainerProblems(container: Container, pod: string, volumes: readonly unknown[]): readonly string[] {
  const where = `${pod} ${textAt(container, 'name')}`;
  const security = at(container, 'securityContext');
  const isRestricted =
    at(security, 'allowPrivilegeEscalation') === false &&
    at(security, 'readOnlyRootFilesystem') === true &&
    at(security, 'runAsNonRoot') === true &&
    JSON.stringify(at(security, 'capabilities')) === '{"drop":["ALL"]}';
  const mounts = listAt(container, 'volumeMounts').map((mount) => textAt(mount, 'name'));
  const paths = listAt(container, 'volumeMounts').map((mount) => at(mount, 'mountPath'));
  const names = listAt(container, 'env').map((entry) => textAt(entry, 'name'));
  return [
    ...(isRestricted ? [] : [`${where} is not restricted`]),
    ...(at(container, 'resources', 'limits', 'memory') === undefined ? [`${where} has no limit of memory`] : []),
    ...mounts.filter((name) => !volumes.includes(name)).map((name) => `${where} mounts ${name}: no volume`),
    ...(new Set(paths).size === paths.length ? [] : [`${where} mounts a path twice`]),
    ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${where} has ${name} twice`),
  ];
}
