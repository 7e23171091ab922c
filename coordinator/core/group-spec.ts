import { z } from 'zod';
import { agentsSchema } from './agent-policy.ts';
import { deadlinesSchema } from './deadlines.ts';
import { variablesSchema } from './fleet-settings.ts';
import { connections, hostgroup, port, seconds, text, weight } from './fields.ts';
import { checkServersLimit, hostgroupAttributesSchema } from './hostgroup-attributes.ts';
import * as names from './names.ts';
import { checkConnectionBudget, policySchema } from './policy.ts';
import { type Parsed, parseWith } from './problems.ts';
import { checkQueryRules, queryRulesSchema, ruleIdsSchema } from './query-rules.ts';
import { templateSchema } from './template.ts';
import { usersSchema } from './users.ts';

const fleetSchema = z.strictObject({
  name: text(names.labelName),
  cell: text(names.labelName).default('default'),
  variables: variablesSchema.default({}),
});

const staticServerSchema = z.strictObject({
  /** What people call it. */
  name: text(names.remark).optional(),
  hostname: text(names.hostname),
  port: port.default(3306),
  weight: weight.optional(),
  maxConnections: connections.optional(),
});

/** ProxySQL has one row an address: the second declaration of one would be lost, or the whole group refused. */
function refuseTwins(
  servers: readonly { readonly hostname: string; readonly port: number }[],
  context: z.RefinementCtx,
) {
  servers.forEach(({ hostname, port: serverPort }, index) => {
    const first = servers.findIndex((other) => other.hostname === hostname && other.port === serverPort);
    if (first === index) return;
    const message = `an address that staticReaders.${first} does not name`;
    context.addIssue({ code: 'custom', path: [index, 'hostname'], message });
  });
}

/** Length of the random part of a replica's name. */
export const replicaSuffixCharacters = 9;

/** What an operator may write about a group. */
export const groupSchema = z
  .strictObject({
    name: text(names.labelName),
    fleet: text(names.labelName),
    project: text(names.projectId),
    primary: text(names.instanceName),
    port: port.default(3306),
    writerHostgroup: hostgroup,
    readerHostgroup: hostgroup,
    staticReaders: z.array(staticServerSchema).max(50).superRefine(refuseTwins).default([]),
    serverDefaults: z
      .strictObject({
        weight: weight.default(1000),
        maxConnections: connections.default(100),
        maxReplicationLagSeconds: seconds.default(0),
        useSsl: z.boolean().default(false),
      })
      .prefault({}),
    policy: policySchema.prefault({}),
    gate: z.strictObject({
      username: z.string().min(1).max(32),
      passwordSecret: text(names.labelName),
      lagSecondsMax: seconds.default(10),
      samples: z.int().min(1).max(20).default(2),
    }),
    template: templateSchema.prefault({}),
    deadlines: deadlinesSchema.prefault({}),
    writerFallbackConnections: connections.default(100),
    agents: agentsSchema.prefault({}),
    hostgroupAttributes: hostgroupAttributesSchema.prefault({}),
    users: usersSchema.default([]),
    ruleIds: ruleIdsSchema.optional(),
    queryRules: queryRulesSchema.default([]),
    clientCertificateSecret: text(names.labelName).optional(),
    clientKeySecret: text(names.labelName).optional(),
  })
  .refine((group) => group.writerHostgroup !== group.readerHostgroup, {
    path: ['readerHostgroup'],
    message: 'another number than writerHostgroup',
  })
  .refine((group) => replicaNameFits(group), {
    path: ['template', 'namePrefix'],
    message: `project, prefix and a nine-character suffix together at most ${names.projectAndInstanceCharactersMax} characters`,
  })
  .superRefine(checkServersLimit)
  .superRefine(checkConnectionBudget)
  .superRefine(checkQueryRules)
  .superRefine(checkClientCertificate);

/** One fleet: ProxySQL pods configured alike, in one cell. */
export type FleetSpec = Readonly<z.infer<typeof fleetSchema>>;

/** One database, as its operator declares it; every default filled in. */
export type GroupSpec = z.infer<typeof groupSchema>;

/** Parses what an operator declared about a fleet. */
export function parseFleetSpec(input: unknown): Parsed<FleetSpec> {
  return parseWith(fleetSchema, input);
}

/** Parses what an operator declared about a group. */
export function parseGroupSpec(input: unknown): Parsed<GroupSpec> {
  return parseWith(groupSchema, input);
}

type ClientTls = {
  readonly clientCertificateSecret?: string | undefined;
  readonly clientKeySecret?: string | undefined;
  readonly serverDefaults: { readonly useSsl: boolean };
};

function checkClientCertificate(group: ClientTls, context: z.RefinementCtx): void {
  const pair = ['clientCertificateSecret', 'clientKeySecret'] as const;
  const missing = pair.filter((field) => group[field] === undefined);
  if (missing.length === 2) return;
  for (const field of missing) {
    const other = pair.find((name) => name !== field) ?? '';
    context.addIssue({ code: 'custom', path: [field], message: `the name of a secret: ${other} is set` });
  }
  if (!group.serverDefaults.useSsl) {
    const message = 'true: a client certificate is only used with TLS';
    context.addIssue({ code: 'custom', path: ['serverDefaults', 'useSsl'], message });
  }
}

type ReplicaNaming = {
  readonly project: string;
  readonly primary: string;
  readonly template: { readonly namePrefix?: string | undefined };
};

/** What the names of a group's replicas begin with. */
export function replicaNamePrefix(group: ReplicaNaming): string {
  return group.template.namePrefix ?? `${group.primary}-ro-`;
}

function replicaNameFits(group: ReplicaNaming): boolean {
  const characters = group.project.length + 1 + replicaNamePrefix(group).length + replicaSuffixCharacters;
  return characters <= names.projectAndInstanceCharactersMax;
}
