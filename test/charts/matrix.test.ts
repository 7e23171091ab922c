import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { everyApi, everything, presets, switchCases } from './cases.ts';
import { type Case, lint, mapFew, render } from './chart.ts';
import { findHelms, helmMissing } from './helm.ts';
import { at, containersOf, type Json, listAt, type Manifest, nameOf, podOf, textAt } from './manifests.ts';
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

describe('old clusters', { skip: helmMissing ?? false }, () => {
  it('are asked for nothing that they do not know: metrics of one container, conditions of webhooks, native sidecars', async () => {
    const asked = await mapFew(['1.25.0', '1.26.0', '1.27.0', '1.28.0', '1.29.0'], async (kubeVersion) => {
      const { manifests } = await render(helms[0]!, {
        ...{ name: kubeVersion, values: everything, kubeVersion, apiVersions: everyApi },
        isSchemaKnown: true,
      });
      const find = (kind: string) => manifests.find((one) => one.kind === kind);
      const hooks = listAt(find('MutatingWebhookConfiguration'), 'webhooks');
      return {
        metrics: [...new Set(listAt(find('HorizontalPodAutoscaler'), 'spec', 'metrics').map((one) => at(one, 'type')))],
        hasConditions: hooks.some((hook) => at(hook, 'matchConditions') !== undefined),
        hasSidecars: manifests.some((one) =>
          listAt(podOf(one) ?? null, 'initContainers').some((container) => at(container, 'restartPolicy') === 'Always'),
        ),
      };
    });
    const [plain, container] = [['Resource'], ['ContainerResource']];
    assert.deepEqual(asked, [
      { metrics: plain, hasConditions: false, hasSidecars: false },
      { metrics: plain, hasConditions: false, hasSidecars: false },
      { metrics: container, hasConditions: false, hasSidecars: false },
      { metrics: container, hasConditions: true, hasSidecars: false },
      { metrics: container, hasConditions: true, hasSidecars: true },
    ]);
  });
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
  const security = at(pod, 'securityContext');
  if (at(security, 'runAsNonRoot') !== true || at(security, 'seccompProfile', 'type') !== 'RuntimeDefault') {
    problems.push(`${where} is not restricted`);
  }
  const claims = listAt(manifest, 'spec', 'volumeClaimTemplates').map((claim) => at(claim, 'metadata', 'name'));
  const volumes = [...listAt(pod, 'volumes').map((volume) => at(volume, 'name')), ...claims];
  if (new Set(volumes).size !== volumes.length) problems.push(`${where} has a volume twice`);
  problems.push(...findMissing(pod, all).map((what) => `${where} ${what}, which nobody makes`));
  for (const container of containersOf(pod)) problems.push(...findContainerProblems(container, where, volumes));
  return problems;
}

/** What a pod cannot start without, and no manifest makes. */
function findMissing(pod: Json, all: readonly Manifest[]): readonly string[] {
  const made = new Set(all.map(nameOf));
  const secrets = new Set(all.map(secretOf));
  const account = textAt(pod, 'serviceAccountName');
  const isThere = (kind: 'Secret' | 'ConfigMap', name: string) =>
    kind === 'Secret' ? secrets.has(name) || givenSecrets.has(name) : made.has(`ConfigMap/${name}`);
  return [
    ...(account === '' || made.has(`ServiceAccount/${account}`) ? [] : [`runs as ${account}`]),
    ...referencesOf(pod)
      .filter(({ kind, name }) => name.startsWith('chester') && !isThere(kind, name))
      .map(({ kind, name }) => `reads the ${kind} ${name}`),
  ];
}

/** Secrets that the cases' values name as there already; and the one that injectors make themselves. */
const givenSecrets = new Set([
  'chester-webhook',
  'chester-redis',
  'chester-keys',
  'chester-ca',
  'chester-injector-tls',
]);

/** The secret that an object is, or that cert-manager makes of it. */
function secretOf(manifest: Manifest): string {
  if (manifest.kind === 'Secret') return manifest.metadata.name;
  return manifest.kind === 'Certificate' ? textAt(manifest, 'spec', 'secretName') : '';
}

/** Secrets and config maps that a pod cannot start without. */
function referencesOf(pod: Json): readonly { readonly kind: 'Secret' | 'ConfigMap'; readonly name: string }[] {
  const volumes = listAt(pod, 'volumes');
  const sources = [...volumes, ...volumes.flatMap((volume) => listAt(volume, 'projected', 'sources'))];
  const variables = containersOf(pod).flatMap((container) => listAt(container, 'env'));
  const names = (kind: 'Secret' | 'ConfigMap', found: readonly string[]) =>
    found.filter((name) => name !== '').map((name) => ({ kind, name }));
  return [
    ...names('ConfigMap', [
      ...sources.map((source) => textAt(source, 'configMap', 'name')),
      ...variables.map((variable) => textAt(variable, 'valueFrom', 'configMapKeyRef', 'name')),
    ]),
    ...names('Secret', [
      ...sources.map((source) => textAt(source, 'secret', 'secretName')),
      ...sources.map((source) => textAt(source, 'secret', 'name')),
      ...variables.map((variable) => textAt(variable, 'valueFrom', 'secretKeyRef', 'name')),
    ]),
  ];
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
