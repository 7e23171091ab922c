import type { JsonObject } from './json.ts';

/** How agents are put into pods; the same for all pods but for their annotations. */
export type InjectionSettings = {
  readonly image: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** Names of secrets in the pod's namespace. */
  readonly imagePullSecrets: readonly string[];
  readonly coordinatorAddress: string;
  readonly cell: string;
  /** Secret in the pod's namespace with ProxySQL's admin login. */
  readonly adminSecret: { readonly name: string; readonly userKey: string; readonly passwordKey: string };
  readonly httpPort: number;
  readonly drainEndpointsMs: number;
  readonly drainDeadlineMs: number;
  /** The service-account token that an agent shows to coordinators. */
  readonly token: { readonly audience: string; readonly expirySeconds: number };
  /** Who vouches for the coordinators' certificates; `none`: the connection is not encrypted, and no token is shown. */
  readonly trust:
    | { readonly kind: 'none' }
    | { readonly kind: 'system' }
    | { readonly kind: 'configMap'; readonly name: string; readonly key: string }
    /** Certificates in PEM, which every pod carries in an annotation. */
    | { readonly kind: 'inline'; readonly pem: string };
  readonly resources: JsonObject;
  readonly logLevel: string;
};

/** What the cluster can do. */
export type ClusterCapabilities = {
  /** Init containers with `restartPolicy: Always` (Kubernetes 1.29 and newer). */
  readonly nativeSidecars: boolean;
};
