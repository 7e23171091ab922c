import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildReview, parseReview } from '../../../injector/core/admission.ts';
import { type Json, type JsonObject, read } from '../../../injector/core/json.ts';
import { marksOf } from '../../../injector/core/marks.ts';
import { applyPatch, type PatchOperation } from '../../../injector/core/patch.ts';
import { fc } from '../../properties.ts';
import { plan } from '../settings.ts';

const word = fc.constantFrom('proxysql', 'web', 'web', 'web', 'main', 'false', 'true', '6032', 'x/y~z', 'keep', '');
const json = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>;
const goodMarks = fc.record(
  {
    'chester/fleet': fc.constantFrom('main', 'main', 'orders'),
    'chester/inject': fc.constantFrom('true', 'true', 'true', 'false'),
    'chester/admin-port': fc.constant('6132'),
    'chester/pre-stop': fc.constantFrom('keep', 'replace'),
    'a/b~c': word,
  },
  { requiredKeys: [] },
);
const anyMarks = fc.dictionary(
  fc.constantFrom('chester/fleet', 'chester/inject', 'chester/container', 'chester/state-volume', 'chester/tls-group'),
  fc.oneof(word, json),
);
const marks = fc.oneof({ weight: 9, arbitrary: goodMarks }, { weight: 1, arbitrary: anyMarks });
const container = fc.record(
  {
    name: word,
    image: fc.constantFrom('proxysql/proxysql:2.7.1', 'nginx', 'nginx', 'nginx', 'r:5000/percona/proxysql2@sha256:0'),
    restartPolicy: fc.constantFrom('Always', 'Never'),
    volumeMounts: fc.array(fc.record({ name: word, mountPath: fc.constantFrom('/a', '/var/run/chester/tls') }), {
      maxLength: 2,
    }),
    lifecycle: fc.record(
      { preStop: fc.constant({ exec: { command: ['true'] } }), postStart: json },
      { requiredKeys: [] },
    ),
    ports: fc.array(fc.record({ containerPort: fc.constantFrom(8081, 8082, 6033) }), { maxLength: 3 }),
    securityContext: fc.record({ runAsUser: fc.nat(3) }),
  },
  { requiredKeys: ['name'] },
);
/** Pods as an API server lets them through. */
const pod = fc
  .record({
    metadata: fc.record({ labels: marks, annotations: marks }, { requiredKeys: [] }),
    spec: fc.record(
      {
        containers: fc.array(container, { minLength: 1, maxLength: 3 }),
        initContainers: fc.array(container, { maxLength: 3 }),
        volumes: fc.array(fc.record({ name: word }), { maxLength: 2 }),
        terminationGracePeriodSeconds: fc.nat(600),
        hostNetwork: fc.boolean(),
        restartPolicy: fc.constantFrom('Always', 'Never'),
      },
      { requiredKeys: ['containers'] },
    ),
  })
  .map((made): JsonObject => JSON.parse(JSON.stringify(made)) as JsonObject);
const capabilities = fc.record({ nativeSidecars: fc.boolean() });
const marked = { labels: { 'chester/fleet': 'main' }, annotations: undefined };

/** Where an injection may add something. `*` is ProxySQL's own place. */
const allowed = [
  /^\/metadata(?:\/annotations(?:\/chester~1injected)?|\/labels(?:\/chester~1fleet)?)?$/,
  /^\/spec\/(?:volumes|imagePullSecrets|containers|initContainers)(?:\/-)?$/,
  /^\/spec\/initContainers\/\d+$/,
  /^\/spec\/terminationGracePeriodSeconds$/,
  /^\/spec\/(?:containers|initContainers)\/\d+\/(?:volumeMounts(?:\/-)?|lifecycle(?:\/preStop)?)$/,
];
/** What an addition may put in the place of something. */
const replaced = /^\/spec\/terminationGracePeriodSeconds$|\/lifecycle\/preStop$/;

/** What stands at the place, if it is one; an insertion into a list replaces nothing. */
function replacedBy(before: JsonObject, { path }: PatchOperation): Json | undefined {
  const keys = path
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/'));
  let here: Json | undefined = before;
  for (const [depth, key] of keys.entries()) {
    if (Array.isArray(here)) here = depth === keys.length - 1 ? undefined : (here as readonly Json[])[Number(key)];
    else here = read(here, key);
  }
  return here;
}

describe('planInjection, on any pod', () => {
  it('is idempotent: an injected pod gets nothing more, whatever the namespace says', () => {
    let injectedCount = 0;
    fc.assert(
      fc.property(pod, capabilities, fc.boolean(), (before, cluster, isMarked) => {
        const changes = { capabilities: cluster, namespace: isMarked ? marked : null };
        const injection = plan(before, changes);
        if (injection.outcome === 'skipped') return;
        injectedCount += 1;
        const after = applyPatch(before, injection.patch);
        const again = plan(after, { ...changes, capabilities: { nativeSidecars: !cluster.nativeSidecars } });
        assert.deepEqual(again, { outcome: 'skipped', reason: 'hasAgent', warnings: [] });
      }),
      { numRuns: 500 },
    );
    assert.ok(injectedCount > 40, `only ${injectedCount} pods of 500 were injected`);
  });

  it('touches nothing but what it adds', () => {
    fc.assert(
      fc.property(pod, capabilities, (before, cluster) => {
        const copy = structuredClone(before);
        const injection = plan(before, { capabilities: cluster, namespace: marked });
        assert.deepEqual(before, copy);
        if (injection.outcome === 'skipped') return;
        const touched = new Set<string>();
        for (const operation of injection.patch) {
          const { path } = operation;
          assert.ok(
            allowed.some((place) => place.test(path)),
            path,
          );
          if (!replaced.test(path)) assert.equal(replacedBy(before, operation) ?? null, null, path);
          const [, container] = /^(\/spec\/\w+\/\d+)\//.exec(path) ?? [];
          if (container !== undefined) touched.add(container);
        }
        assert.ok(touched.size <= 1, `several containers are touched: ${[...touched].join(' ')}`);
        const replaces = JSON.stringify(before).includes('"replace"');
        const hooks = injection.patch.filter(({ path }) => path.endsWith('/preStop'));
        for (const hook of hooks) assert.ok(replaces || replacedBy(before, hook) === undefined, 'a hook was lost');
      }),
      { numRuns: 500 },
    );
  });

  it('changes no pod that nobody marked', () => {
    fc.assert(
      fc.property(pod, capabilities, (before, cluster) => {
        const isMarked = JSON.stringify(marksOf(before)).includes('chester/');
        if (!isMarked)
          assert.deepEqual(plan(before, { capabilities: cluster }), {
            outcome: 'skipped',
            reason: 'notMarked',
            warnings: [],
          });
      }),
    );
  });

  it('never fails, whatever is called a pod', () => {
    const anything = fc.oneof(
      fc.object({
        maxDepth: 4,
        key: fc.constantFrom('metadata', 'spec', 'containers', 'labels', 'name', 'annotations', '__proto__'),
      }),
      fc.object(),
    );
    fc.assert(
      fc.property(anything, json, capabilities, (something, other, cluster) => {
        const before = JSON.parse(JSON.stringify(something)) as JsonObject;
        const injection = plan(before, { capabilities: cluster, namespace: marked });
        if (injection.outcome === 'injected') applyPatch(before, injection.patch);
        for (const key of ['containers', 'initContainers', 'volumes', 'imagePullSecrets']) {
          const broken = {
            metadata: { labels: marked.labels },
            spec: { containers: [{ name: 'proxysql' }], [key]: other },
          };
          const result = plan(broken, { capabilities: cluster });
          if (result.outcome === 'injected') applyPatch(broken, result.patch);
        }
        assert.equal(parseReview(other)?.uid ?? '', '');
      }),
      { numRuns: 500 },
    );
  });

  it('answers with a patch that says the same over the wire, always allowed', () => {
    fc.assert(
      fc.property(pod, (before) => {
        const injection = plan(before, { namespace: marked });
        const { response } = JSON.parse(JSON.stringify(buildReview('u', injection))) as {
          response: Record<string, string>;
        };
        assert.equal(response['allowed'], true);
        const patch =
          response['patch'] === undefined
            ? []
            : (JSON.parse(Buffer.from(response['patch'], 'base64').toString()) as unknown);
        assert.deepEqual(patch, injection.outcome === 'injected' ? JSON.parse(JSON.stringify(injection.patch)) : []);
      }),
    );
  });
});
