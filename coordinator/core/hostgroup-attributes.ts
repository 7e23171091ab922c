import { z } from 'zod';
import { text } from './fields.ts';
import * as names from './names.ts';
import { rowOf, type TableRow } from './table.ts';

/** As many servers as ProxySQL's column takes: no limit. */
const serversMax = 1_000_000;

const attributesSchema = z.strictObject({
  /** When a hostgroup has more servers ONLINE, ProxySQL sends none of them anything. */
  maxNumOnlineServers: z.int().min(1).max(serversMax).default(serversMax),
  autocommit: z.boolean().optional(),
  freeConnectionsPct: z.int().min(0).max(100).default(10),
  initConnect: text(names.plainText).default(''),
  multiplex: z.boolean().default(true),
  connectionWarming: z.boolean().default(false),
  throttleConnectionsPerSec: z.int().min(1).max(1_000_000).default(1_000_000),
  ignoreSessionVariables: z
    .array(z.string().regex(/^\w{1,64}$/, 'the name of a session variable'))
    .max(100)
    .default([]),
  hostgroupSettings: z.string().transform(renderJsonObject).optional(),
  serversDefaults: z.string().transform(renderJsonObject).optional(),
});

/** Rows of mysql_hostgroup_attributes, by the role of the hostgroup. */
export const hostgroupAttributesSchema = z.strictObject({
  writer: attributesSchema.optional(),
  reader: attributesSchema.optional(),
});

export type HostgroupAttributes = Readonly<z.infer<typeof hostgroupAttributesSchema>>;

/** ProxySQL only checks that it is JSON, and drops what it cannot use without a word. */
function renderJsonObject(declared: string, context: z.RefinementCtx): string {
  try {
    const parsed: unknown = JSON.parse(declared);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return JSON.stringify(parsed);
  } catch {
    // The same answer as for other JSON.
  }
  context.addIssue({ code: 'custom', message: 'a JSON object, written as text' });
  return z.NEVER;
}

type Sized = {
  readonly hostgroupAttributes: HostgroupAttributes;
  readonly policy: { readonly replicasMax: number };
  readonly staticReaders: readonly unknown[];
};

/** Refuses a limit that the group's own servers could exceed: the hostgroup would then serve nothing. */
export function checkServersLimit(group: Sized, context: z.RefinementCtx): void {
  const { hostgroupAttributes, policy, staticReaders } = group;
  const limit = hostgroupAttributes.reader?.maxNumOnlineServers ?? serversMax;
  const readersMax = 1 + policy.replicasMax + staticReaders.length;
  if (limit >= readersMax || limit < 1) return;
  const message =
    `at least ${readersMax}: replicasMax, the static readers and the writer that stands in. ` +
    'With more servers ONLINE than this limit, ProxySQL sends queries to none of them';
  context.addIssue({ code: 'custom', path: ['hostgroupAttributes', 'reader', 'maxNumOnlineServers'], message });
}

type Group = {
  readonly name: string;
  readonly writerHostgroup: number;
  readonly readerHostgroup: number;
  readonly hostgroupAttributes: HostgroupAttributes;
};

/** Renders the rows of mysql_hostgroup_attributes that a group declares. */
export function renderHostgroupAttributes(group: Group): TableRow[] {
  return (['writer', 'reader'] as const).flatMap((role) => {
    const attributes = group.hostgroupAttributes[role];
    if (attributes === undefined) return [];
    const { autocommit, ignoreSessionVariables: ignored } = attributes;
    const row = rowOf({
      hostgroup_id: group[`${role}Hostgroup`],
      max_num_online_servers: attributes.maxNumOnlineServers,
      autocommit: autocommit === undefined ? -1 : autocommit,
      free_connections_pct: attributes.freeConnectionsPct,
      init_connect: attributes.initConnect,
      multiplex: attributes.multiplex,
      connection_warming: attributes.connectionWarming,
      throttle_connections_per_sec: attributes.throttleConnectionsPerSec,
      ignore_session_variables: ignored.length === 0 ? '' : JSON.stringify(ignored),
      hostgroup_settings: attributes.hostgroupSettings ?? '',
      servers_defaults: attributes.serversDefaults ?? '',
      comment: `chester ${group.name} attributes`,
    });
    return [row];
  });
}
