import type { Json, JsonObject } from '../../injector/core/json.ts';
import { type Injection, type InjectionRequest, planInjection } from '../../injector/core/injection.ts';
import type { Marked } from '../../injector/core/marks.ts';
import type { InjectionSettings } from '../../injector/core/settings.ts';

export const settings: InjectionSettings = {
  image: 'registry/chester-agent:1.0',
  imagePullPolicy: 'IfNotPresent',
  imagePullSecrets: [],
  coordinatorAddress: 'chester.chester.svc:8443',
  cell: 'europe',
  adminSecret: { name: 'proxysql-admin', userKey: 'username', passwordKey: 'password' },
  httpPort: 8081,
  drainEndpointsMs: 20_000,
  drainDeadlineMs: 60_000,
  token: { audience: 'chester', expirySeconds: 3600 },
  trust: { kind: 'none' },
  resources: { requests: { cpu: '20m' } },
  logLevel: 'info',
};
export const drainToken = 'a-token-of-this-pod';

export function plan(pod: JsonObject, changes: Partial<InjectionRequest> = {}): Injection {
  return planInjection({
    ...{ pod, settings, drainToken, namespace: null, capabilities: { nativeSidecars: true } },
    ...changes,
  });
}

type Parts = {
  readonly labels?: Json;
  readonly annotations?: Json;
  readonly spec?: Json;
  readonly container?: JsonObject;
};

/** A pod of fleet `main` with a ProxySQL, but for what is given. */
export function podOf({ labels, annotations, spec, container }: Parts = {}): JsonObject {
  const proxysql = { name: 'proxysql', image: 'proxysql/proxysql:2.7.1', ...container };
  return {
    metadata: { labels: labels ?? { 'chester/fleet': 'main' }, annotations: annotations ?? {} },
    spec: spec ?? { containers: [proxysql] },
  };
}

export function namespaceOf(labels: Json, annotations: Json = {}): Marked {
  return { labels, annotations };
}
