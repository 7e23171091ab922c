import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InjectionRequest } from '../../../injector/core/injection.ts';
import { type Json, type JsonObject, read, readList, readText } from '../../../injector/core/json.ts';
import { applyPatch } from '../../../injector/core/patch.ts';
import { drainToken, namespaceOf, plan, podOf, settings } from '../settings.ts';

function inject(pod: JsonObject, changes: Partial<InjectionRequest> = {}): JsonObject {
  const injection = plan(pod, changes);
  assert.ok(injection.outcome === 'injected', injection.warnings.join('\n'));
  return applyPatch(pod, injection.patch);
}

const agentOf = (pod: JsonObject, list = 'initContainers'): Json | undefined =>
  readList(pod, 'spec', list).find((container) => readText(container, 'name') === 'chester-agent');
const envOf = (pod: JsonObject): ReadonlyMap<string, Json | undefined> =>
  new Map(readList(agentOf(pod), 'env').map((entry) => [readText(entry, 'name'), read(entry, 'value')]));

const web = { containers: [{ name: 'web', image: 'nginx' }] };
const fleetRule = 'allowed: a lower-case letter, then up to 62 of a-z, 0-9 and -';
const two = [
  { name: 'a', image: 'proxysql/proxysql' },
  { name: 'b', image: 'proxysql/proxysql' },
];

describe('planInjection leaves alone', () => {
  const cases: readonly {
    readonly name: string;
    readonly pod: JsonObject;
    readonly changes?: Partial<InjectionRequest>;
    readonly reason: string;
    readonly warnings?: readonly string[];
  }[] = [
    { name: 'what nobody marked', pod: podOf({ labels: {} }), reason: 'notMarked' },
    { name: 'a pod that opts out', pod: podOf({ annotations: { 'chester/inject': 'false' } }), reason: 'optedOut' },
    {
      name: 'a namespace that opts out, whatever the pod says',
      pod: podOf(),
      changes: { namespace: namespaceOf({ 'chester/inject': 'disabled' }) },
      reason: 'optedOut',
    },
    {
      name: "a marked namespace's other pods, in silence",
      pod: podOf({ labels: {}, spec: web }),
      changes: { namespace: namespaceOf({ 'chester/fleet': 'main' }) },
      reason: 'noProxySql',
    },
    {
      name: 'other pods of a namespace with a bad mark, in silence',
      pod: podOf({ labels: {}, spec: web }),
      changes: { namespace: namespaceOf({ 'chester/fleet': 'MAIN' }) },
      reason: 'noProxySql',
    },
    {
      name: 'a marked pod without ProxySQL',
      pod: podOf({ spec: web }),
      reason: 'noProxySql',
      warnings: ['no agent: no container is called proxysql or runs its image; name it with chester/container'],
    },
    {
      name: 'a bad fleet',
      pod: podOf({ labels: { 'chester/fleet': 'Main' } }),
      reason: 'badMark',
      warnings: [`pod: chester/fleet is "Main"; ${fleetRule}`],
    },
    {
      name: "a namespace's bad fleet, where there is a ProxySQL",
      pod: podOf({ labels: {} }),
      changes: { namespace: namespaceOf({}, { 'chester/fleet': '' }) },
      reason: 'badMark',
      warnings: [`namespace: chester/fleet is ""; ${fleetRule}`],
    },
    {
      name: 'a pod of two fleets',
      pod: podOf({ annotations: { 'chester/fleet': 'other' } }),
      reason: 'badMark',
      warnings: ['pod: chester/fleet is "main" and "other"; allowed: one fleet'],
    },
    {
      name: 'a bad word for yes',
      pod: podOf({ annotations: { 'chester/inject': 'perhaps' } }),
      reason: 'badMark',
      warnings: ['pod: chester/inject is "perhaps"; allowed: true or false'],
    },
    {
      name: 'bad annotations, each with one warning',
      pod: podOf({ annotations: { 'chester/http-port': '0', 'chester/pre-stop': 'x'.repeat(100) } }),
      reason: 'badMark',
      warnings: [
        'pod: chester/http-port is "0"; allowed: a whole number from 1 to 65535',
        `pod: chester/pre-stop is "${'x'.repeat(63)}…"; allowed: keep or replace`,
      ],
    },
    {
      name: 'a container that is not there',
      pod: podOf({ annotations: { 'chester/container': 'proxy' } }),
      reason: 'noProxySql',
      warnings: ['no agent: pod: chester/container is "proxy"; allowed: a container that runs as long as the pod'],
    },
    {
      name: 'a volume that is not there',
      pod: podOf({ annotations: { 'chester/state-volume': 'disk' } }),
      reason: 'badMark',
      warnings: ['pod: chester/state-volume is "disk"; allowed: a volume of the pod, which has none'],
    },
    {
      name: 'two that could be meant',
      pod: podOf({ spec: { containers: two } }),
      reason: 'severalProxySql',
      warnings: ['no agent: containers a, b run ProxySQL; name one with chester/container'],
    },
    {
      name: 'a static pod',
      pod: podOf({ annotations: { 'kubernetes.io/config.mirror': 'x' } }),
      reason: 'unsupported',
      warnings: ['no agent: static pods belong to their node'],
    },
    {
      name: 'a job without native sidecars',
      pod: podOf({ spec: { restartPolicy: 'Never', containers: [{ name: 'proxysql' }] } }),
      changes: { capabilities: { nativeSidecars: false } },
      reason: 'unsupported',
      warnings: [
        'no agent: restartPolicy is Never, and without native sidecars (Kubernetes 1.29) the agent would never let it end',
      ],
    },
    {
      name: 'an agent of the same fleet, in silence',
      pod: podOf({
        spec: { containers: [{ name: 'proxysql' }, { name: 'x', env: [{ name: 'CHESTER_FLEET', value: 'main' }] }] },
      }),
      reason: 'hasAgent',
    },
    {
      name: 'an agent by its image',
      pod: podOf({ spec: { containers: [{ name: 'proxysql' }, { name: 'x', image: 'r:5/chester-agent@sha256:0' }] } }),
      reason: 'hasAgent',
    },
    {
      name: 'what is not shaped like a pod',
      pod: podOf({ spec: { containers: [{ name: 'proxysql' }], volumes: 'none' } }),
      reason: 'misshapen',
      warnings: ['no agent: spec.volumes is not what Kubernetes has there'],
    },
  ];
  for (const { name, pod, changes = {}, reason, warnings = [] } of cases) {
    it(name, () => {
      assert.deepEqual(plan(pod, changes), { outcome: 'skipped', reason, warnings });
    });
  }
});

describe('planInjection', () => {
  it("takes the pod's fleet before the namespace's", () => {
    const pod = inject(podOf(), { namespace: namespaceOf({ 'chester/fleet': 'other' }) });
    assert.equal(envOf(pod).get('CHESTER_FLEET'), 'main');
    const marked = inject(podOf({ labels: {} }), { namespace: namespaceOf({}, { 'chester/fleet': 'other' }) });
    assert.equal(envOf(marked).get('CHESTER_FLEET'), 'other');
  });

  it("puts the pod's own token into ProxySQL's hook and the agent's environment, and nowhere else", () => {
    const pod = inject(podOf());
    assert.equal(envOf(pod).get('DRAIN_TOKEN'), drainToken);
    const [proxysql] = readList(pod, 'spec', 'containers');
    const preStop = { httpGet: { path: `/drain?token=${drainToken}`, port: 8081 } };
    assert.deepEqual(read(proxysql, 'lifecycle'), { preStop });
    assert.equal(JSON.stringify(pod).split(drainToken).length, 3);
  });

  it('gives the agent as a container the hook as well, as both are stopped at once', () => {
    const pod = inject(podOf(), { capabilities: { nativeSidecars: false } });
    assert.deepEqual(read(agentOf(pod, 'containers'), 'lifecycle'), {
      preStop: { httpGet: { path: `/drain?token=${drainToken}`, port: 8081 } },
    });
  });

  const graces = [
    { name: 'the default', spec: {}, expected: 100 },
    { name: 'too little', spec: { terminationGracePeriodSeconds: 99 }, expected: 100 },
    { name: 'more than enough', spec: { terminationGracePeriodSeconds: 101 }, expected: 101 },
  ];
  for (const { name, spec, expected } of graces) {
    it(`gives the pod long enough to end: ${name}`, () => {
      const pod = inject(podOf({ spec: { ...spec, containers: [{ name: 'proxysql' }] } }));
      assert.equal(read(pod, 'spec', 'terminationGracePeriodSeconds'), expected);
    });
  }

  it("keeps a sidecar ProxySQL's door open while the application may still stop", () => {
    const proxysql = { name: 'proxysql', restartPolicy: 'Always' };
    const spec = { terminationGracePeriodSeconds: 120, initContainers: [proxysql], ...web };
    const pod = inject(podOf({ spec }));
    assert.equal(envOf(pod).get('DRAIN_ENDPOINTS_MS'), '120000');
    assert.equal(read(pod, 'spec', 'terminationGracePeriodSeconds'), 200);
    const order = readList(pod, 'spec', 'initContainers').map((container) => readText(container, 'name'));
    assert.deepEqual(order, ['chester-agent', 'proxysql']);
  });

  const users = [
    { name: 'nothing said', pod: {}, container: {}, marks: {}, expected: [65_532, 65_532, undefined] },
    { name: 'root', pod: { runAsUser: 0 }, container: {}, marks: {}, expected: [65_532, 65_532, undefined] },
    { name: "the pod's", pod: { runAsUser: 5, fsGroup: 7 }, container: {}, marks: {}, expected: [5, 5, '7'] },
    {
      name: "the container's before the pod's",
      pod: { runAsUser: 5, runAsGroup: 6 },
      container: { runAsUser: 8 },
      marks: {},
      expected: [8, 6, undefined],
    },
    {
      name: 'a group by annotation',
      pod: { fsGroup: 7 },
      container: {},
      marks: { 'chester/tls-group': '999' },
      expected: [65_532, 999, undefined],
    },
  ];
  for (const { name, pod, container, marks, expected } of users) {
    it(`runs the agent as one whose keys ProxySQL can read: ${name}`, () => {
      const spec = { securityContext: pod, containers: [{ name: 'proxysql', securityContext: container }] };
      const injected = inject(podOf({ annotations: marks, spec }));
      const context = read(agentOf(injected), 'securityContext');
      const actual = [read(context, 'runAsUser'), read(context, 'runAsGroup'), envOf(injected).get('TLS_GROUP')];
      assert.deepEqual(actual, expected);
      assert.equal(read(context, 'runAsNonRoot'), true);
    });
  }

  it('refuses TLS where ProxySQL has something else in the folder, and says so', () => {
    const mount = { name: 'own', mountPath: '/var/run/chester/tls/' };
    const injection = plan(podOf({ container: { volumeMounts: [mount] } }));
    assert.deepEqual(injection.warnings, [
      'ProxySQL has a volume of its own at /var/run/chester/tls; groups with TLS are refused',
    ]);
  });

  it('takes volumes that are there already under its names', () => {
    const volumes = [{ name: 'chester-state', persistentVolumeClaim: { claimName: 'mine' } }];
    const pod = inject(podOf({ spec: { volumes, containers: [{ name: 'proxysql' }] } }));
    const states = readList(pod, 'spec', 'volumes').filter((volume) => readText(volume, 'name') === 'chester-state');
    assert.deepEqual(states, volumes);
  });

  it('adds pull secrets once', () => {
    const imagePullSecrets = [{ name: 'one' }];
    const pod = inject(podOf({ spec: { imagePullSecrets, containers: [{ name: 'proxysql' }] } }), {
      settings: { ...settings, imagePullSecrets: ['one', 'two'] },
    });
    assert.deepEqual(read(pod, 'spec', 'imagePullSecrets'), [{ name: 'one' }, { name: 'two' }]);
  });

  it('brings the authority along: from a config map, or in an annotation', () => {
    const sourcesOf = (pod: JsonObject) =>
      readList(pod, 'spec', 'volumes')
        .filter((volume) => readText(volume, 'name') === 'chester-identity')
        .flatMap((volume) => readList(volume, 'projected', 'sources'));
    const inline = inject(podOf(), { settings: { ...settings, trust: { kind: 'inline', pem: 'PEM' } } });
    assert.equal(read(inline, 'metadata', 'annotations', 'chester/coordinator-ca'), 'PEM');
    assert.equal(sourcesOf(inline).length, 2);
    const trust = { kind: 'configMap', name: 'chester-ca', key: 'ca.crt' } as const;
    assert.deepEqual(sourcesOf(inject(podOf(), { settings: { ...settings, trust } }))[1], {
      configMap: { name: 'chester-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
    });
  });

  it('writes into a pod without metadata, lists or maps', () => {
    const pod = inject(
      { spec: { containers: [{ name: 'proxysql' }] } },
      { namespace: namespaceOf({ 'chester/fleet': 'a' }) },
    );
    assert.equal(envOf(pod).get('CHESTER_FLEET'), 'a');
    const nulls = {
      metadata: null,
      spec: { volumes: null, initContainers: null, containers: [{ name: 'proxysql', lifecycle: null }] },
    };
    assert.equal(envOf(inject(nulls, { namespace: namespaceOf({ 'chester/fleet': 'a' }) })).get('CHESTER_FLEET'), 'a');
  });
});
