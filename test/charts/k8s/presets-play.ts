// What an API server says of each preset: every manifest is taken strictly and without a warning, an upgrade changes nothing
// that may not change, and nothing is left that the notes do not name.
import { merge, presets } from '../cases.ts';
import { type Json, type JsonObject, at, listAt, nameOf, parseManifests, textAt } from '../manifests.ts';
import { createNamespace, expect, fileOf, helmNames, images, kubectl, Release, say, tryKubectl } from './cluster.ts';

/** What an upgrade has to leave as it is. */
function readKept(release: Release): JsonObject {
  const workloads = listAt(release.read('deployments,statefulsets'), 'items');
  const secrets = ['chester-tls-authority', 'chester-credentials'].map((name) => [
    name,
    tryKubectl('get', 'secret', name, '-n', release.namespace, '-o', 'jsonpath={.data}').output,
  ]);
  return {
    selectors: workloads.map((one) => [textAt(one, 'metadata', 'name'), at(one, 'spec', 'selector') ?? null]),
    claims: workloads.map((one) => at(one, 'spec', 'volumeClaimTemplates') ?? null),
    secrets,
  };
}

/** Values of a preset for this cluster: without what only a Cilium has. */
function valuesOf(preset: string, apis: string): JsonObject {
  const cilium = { networkPolicy: { cilium: { enabled: apis.includes('cilium.io/v2') } } };
  return merge(merge(presets[preset] ?? {}, images), preset === 'multi-cell' ? cilium : {});
}

function playPreset(preset: string, namespace: string, helmIndex: number): void {
  const release = new Release(namespace, helmIndex);
  const values = valuesOf(preset, kubectl(['api-versions']));
  createNamespace(namespace, 'restricted');
  const previous = process.env['PREVIOUS_CHART'] ?? '';
  if (previous === '') release.install(values);
  else release.helm('install', 'chester', previous, '-f', fileOf(values));
  const before = readKept(release);

  // Another name in the certificate, and another setting: certificates are signed anew, and coordinators roll.
  release.upgrade(merge(values, { tls: { extraNames: ['chester.example.com'] }, retention: { keepDays: 7 } }));
  const after = readKept(release);
  if (previous === '') expect(JSON.stringify(after) === JSON.stringify(before), 'an upgrade keeps what may not change');
  else {
    const [old, now] = [before['selectors'], after['selectors']].map((one) => JSON.stringify(one));
    expect(now === old, `an upgrade from ${previous} keeps selectors`);
  }

  const manifest = release.helm('get', 'manifest', 'chester');
  const strict = ['--dry-run=server', '--validate=strict', '--warnings-as-errors'];
  kubectl(['apply', ...strict, '--server-side', '--force-conflicts', '-n', namespace, '-f', '-'], manifest);
  const hooks = release.helm('get', 'hooks', 'chester');
  kubectl(['create', ...strict, '-n', namespace, '-f', '-'], hooks);
  const count = parseManifests(manifest).length + parseManifests(hooks).length;
  expect(count > 5, `${preset}: the API server takes ${count} objects, strictly and without a warning`);
  expectRights(namespace, preset);

  const made = parseManifests(manifest);
  release.helm('uninstall', 'chester');
  const kept = made
    .filter((one) => at(one, 'metadata', 'annotations', 'helm.sh/resource-policy') === 'keep')
    .map(nameOf);
  const left = made.filter((one) => {
    const { ok, output } = tryKubectl('get', one.kind, one.metadata.name, '-n', namespace, '-o', 'json');
    // Without controllers what waits for its dependents stays marked.
    return ok && textAt(JSON.parse(output) as Json, 'metadata', 'deletionTimestamp') === '';
  });
  expect(
    JSON.stringify(left.map(nameOf).sort()) === JSON.stringify(kept.sort()),
    `${preset}: uninstalling leaves ${kept.join(', ') || 'nothing'}`,
  );
}

/** What service accounts may, and may not. */
function expectRights(namespace: string, preset: string): void {
  const can = (account: string, ...what: readonly string[]): boolean =>
    tryKubectl(
      ...['auth', 'can-i', ...what, `--as=system:serviceaccount:${namespace}:${account}`],
      ...['--as-group=system:serviceaccounts', '--as-group=system:authenticated', '-n', namespace],
    ).ok;
  expect(can('chester', 'watch', 'pods'), 'the coordinator may watch pods of its namespace');
  expect(can('chester', 'get', '/openid/v1/jwks'), 'the coordinator may read the keys of service-account tokens');
  for (const [verb, kind] of [
    ['get', 'secrets'],
    ['delete', 'pods'],
    ['create', 'pods'],
  ] as const) {
    expect(!can('chester', verb, kind), `the coordinator may not ${verb} ${kind}`);
    expect(!can('chester-injector', verb, kind), `the injector may not ${verb} ${kind}`);
  }
  expect(!can('chester', 'list', 'pods', '--all-namespaces'), 'the coordinator may not list pods of all namespaces');
  if (preset === 'trial' || preset === 'minimal') return;
  expect(can('chester-injector', 'list', 'pods', '--all-namespaces'), 'the injector may list all pods');
  expect(
    !can('chester-injector', 'patch', 'mutatingwebhookconfigurations/other'),
    'the injector may change no other webhook',
  );
  expect(!can('chester-agent', 'list', 'pods'), 'an agent may nothing');
}

/** Each preset, with every helm. */
export function playPresets(prefix: string): void {
  for (const [index, name] of helmNames.entries()) {
    for (const preset of Object.keys(presets)) {
      say(`--- ${preset} with ${name}`);
      playPreset(preset, `${prefix}-${preset}-${index}`, index);
    }
  }
}
