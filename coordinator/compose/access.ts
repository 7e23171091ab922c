import { type handleBidiStreamingCall, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Registry } from 'prom-client';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import { TlsWatch } from '../../process/tls-watch.ts';
import type { AgentMessage__Output } from '../../proto/gen/chester/v1/AgentMessage.ts';
import { AccessFile } from '../adapters/access-file.ts';
import { createRefusalCount } from '../adapters/access-metrics.ts';
import { KeySet } from '../adapters/key-set.ts';
import { AccessGate, type AccessSource } from '../api/auth/access-gate.ts';
import { guardAdmin } from '../api/auth/admin-guard.ts';
import { AgentGate } from '../api/auth/agent-gate.ts';
import { guardConnect } from '../api/auth/agent-guard.ts';
import { HttpGuard } from '../api/auth/http-guard.ts';
import { IapAssertions } from '../api/auth/iap.ts';
import { createServerTls } from '../api/auth/server-tls.ts';
import { StoredAudit, type StoredAuditDeps } from '../api/auth/stored-audit.ts';
import type { AccessConfig } from '../config-access.ts';
import { AuditRetention } from '../loops/audit-retention.ts';

type Connect<Answer> = handleBidiStreamingCall<AgentMessage__Output, Answer>;

/** What stands before everything that calls the coordinator. */
export type Access = {
  /** They start before the servers. */
  readonly components: readonly Component[];
  readonly guardAdmin: (handlers: UntypedServiceImplementation) => UntypedServiceImplementation;
  readonly guardConnect: <Answer>(connect: Connect<Answer>) => Connect<Answer>;
  readonly httpGuard: HttpGuard;
  /** Of the gRPC server, once the components started. */
  readonly credentials: () => ServerCredentials;
  /** What HTTP is encrypted with; null: it is not. */
  readonly httpTls: TlsWatch | null;
  readonly isMutualTls: boolean;
};

const retentionIntervalMs = 600_000;
const refusalsMax = 2000;

/** Makes it. */
export function composeAccess(config: AccessConfig, deps: StoredAuditDeps & { readonly registry: Registry }): Access {
  const { clock, log, registry } = deps;
  const { tls, accessFile, isLoopback } = config;
  const watch =
    tls === null
      ? null
      : new TlsWatch({ certificateFile: tls.certificateFile, keyFile: tls.keyFile, caFile: tls.clientCaFile }, deps);
  const file = accessFile === null ? null : new AccessFile(accessFile, deps);
  // Without a file, this machine may do everything, and nobody else anything.
  const access: AccessSource = file ?? { table: isLoopback ? null : { identities: [], agents: null } };
  const iap =
    config.iap === null ? null : new IapAssertions({ keys: keySet(config.iap.keys, deps), clock }, config.iap.audience);
  const gate = new AccessGate({ access, iap, clock, log, countRefusal: createRefusalCount(registry) });
  const agents = new AgentGate({
    access,
    tokens: readTokenRule(config, deps),
    isOpen: isLoopback || config.isInsecureAllowed,
  });
  const audit = new StoredAudit({ ...deps, soon: setImmediate });
  const { auditKeepMs: keepMs, auditMax: changesMax } = config;
  const retention = new AuditRetention(deps, { keepMs, changesMax, refusalsMax, intervalMs: retentionIntervalMs });
  const announce: Component = {
    name: 'access',
    start: () => {
      tellPolicy(config, access, log);
    },
    stop: () => undefined,
  };
  return {
    components: [...[watch, file].filter((component) => component !== null), announce, retention],
    guardAdmin: (handlers) => guardAdmin({ gate, audit, log }, handlers),
    guardConnect: (connect) => guardConnect({ gate: agents, log }, connect),
    httpGuard: new HttpGuard({ gate, audit }),
    credentials: () => (watch === null ? ServerCredentials.createInsecure() : createServerTls(watch)),
    httpTls: tls?.isHttpToo === true ? watch : null,
    isMutualTls: tls !== null && tls.clientCaFile !== null,
  };
}

function keySet(location: string, deps: StoredAuditDeps): KeySet {
  return new KeySet({ location, caFile: null, tokenFile: null }, deps);
}

function readTokenRule({ agentTokens }: AccessConfig, deps: StoredAuditDeps) {
  if (agentTokens === null) return null;
  const { issuer, audience, keys: location, keysCaFile: caFile, keysTokenFile: tokenFile } = agentTokens;
  const keys = new KeySet({ location, caFile, tokenFile }, deps);
  const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'];
  return { keys, rule: { issuer, audience, algorithms, ageSecondsMax: null } };
}

/** What is open is said at every start, so that nobody has to guess. */
function tellPolicy({ tls, accessFile, isLoopback }: AccessConfig, { table }: AccessSource, log: Logger): void {
  const fields = { tls: tls !== null, mutualTls: tls !== null && tls.clientCaFile !== null };
  if (table === null) {
    log.warn(fields, 'no ACCESS_FILE: everybody on this machine may do everything');
  } else if (accessFile === null) {
    log.warn(fields, 'no ACCESS_FILE: nobody may administer over this address, and agents are not asked who they are');
  } else {
    log.info(
      { ...fields, identities: table.identities.length, agentRules: table.agents?.length ?? 0 },
      'access configured',
    );
  }
  if (table !== null && table.agents === null && isLoopback) {
    log.warn(fields, 'the access file has no agents: every agent on this machine may join every fleet');
  }
}
