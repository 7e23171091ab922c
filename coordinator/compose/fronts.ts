import type { Registry } from 'prom-client';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import { PubSubIntake } from '../adapters/pubsub-intake.ts';
import { type AdminServiceDeps, createAdminService } from '../api/admin-service.ts';
import type { AgentStreams } from '../api/agent-streams.ts';
import { GrpcServer } from '../api/grpc-server.ts';
import { type HttpRoutes, HttpServer } from '../api/http-server.ts';
import type { CoordinatorConfig } from '../config.ts';
import type { Intake } from '../loops/intake.ts';
import type { Access } from './access.ts';
import type { Shared } from './shared.ts';

/** Makes the server of agents and administration. */
export function composeGrpc(
  { grpcPort: port, listenHost: host }: CoordinatorConfig,
  deps: Omit<AdminServiceDeps, 'agents'> & { readonly streams: AgentStreams; readonly access: Access },
): GrpcServer {
  const { streams, access, ...shared } = deps;
  const { credentials } = access;
  const admin = access.guardAdmin(createAdminService({ ...shared, agents: () => streams.connected }));
  const agent = { connect: access.guardConnect(streams.connect) };
  return new GrpcServer({ agent, admin }, deps.log, { host, port, credentials });
}

/** Makes the server of webhooks, probes and metrics. */
export function composeHttp(
  deps: {
    readonly intake: Intake;
    readonly registry: Registry;
    readonly log: Logger;
    readonly storeProblem: () => string | null;
    readonly access: Access;
    readonly routes: readonly HttpRoutes[];
  },
  config: CoordinatorConfig,
): HttpServer {
  const { intake: sink, registry, log, storeProblem, access, routes } = deps;
  const { httpPort: port, listenHost: host, webhookToken: token, webhookLogin: basic } = config;
  // Who does not decide serves agents and takes alerts all the same.
  const readiness = () => {
    const problem = storeProblem();
    return problem === null ? null : `degraded: ${problem}; agents keep what they have, nothing is decided`;
  };
  return new HttpServer(
    { sink, registry, log, readiness, routes },
    { host, port, webhook: { token, basic }, tls: access.httpTls },
  );
}

/** Makes what pulls notifications from Pub/Sub, if that is asked for. */
export function composePull(
  { pubSubSubscription: subscription }: CoordinatorConfig,
  { intake: sink, clock, log }: Pick<Shared, 'clock' | 'log'> & { readonly intake: Intake },
): Component[] {
  return subscription === null ? [] : [new PubSubIntake({ sink, clock, log }, { subscription })];
}
