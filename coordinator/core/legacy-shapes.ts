import { z } from 'zod';

/**
 * The bodies of Chester's HTTP API, as its clients send and read them. They were made for a decoder that ignores
 * unknown fields and takes null and what is missing for empty; requests are read as generously here.
 */
const texts = z
  .string()
  .max(65_536)
  .nullish()
  .transform((given) => given ?? '');
const numbers = z
  .int()
  .min(0)
  .max(2_147_483_647)
  .nullish()
  .transform((given) => given ?? 0);

/** No list of the old API is nearly as long. */
const listMax = 1000;

const givenServer = z.object({ name: texts, ip_address: texts });
const noServer = { name: '', ip_address: '' };
const givenRule = z.object({
  rule_id: numbers,
  username: texts,
  active: numbers,
  match_digest: texts,
  destination_hostgroup: numbers,
  apply: numbers,
  comment: texts,
});
const givenMetaData = z
  .object({ instance_group: texts, max_chester_instances: numbers })
  .nullish()
  .transform((given) => given ?? { instance_group: '', max_chester_instances: 0 });

const instanceName = z.string().min(1).max(200);

/** `POST /`. */
export const addDatabaseBody = z.object({
  action: texts,
  instance_name: instanceName,
  username: z.string(),
  password: z.string(),
  master_instance: givenServer.nullish().transform((given) => given ?? noServer),
  read_replicas: z
    .array(givenServer)
    .max(listMax)
    .nullish()
    .transform((given) => given ?? []),
  query_rules: z
    .array(givenRule)
    .max(listMax)
    .nullish()
    .transform((given) => given ?? null),
  chester_meta_data: givenMetaData,
  key_data: texts,
  cert_data: texts,
  ca_data: texts,
  enable_ssl: numbers,
});

/** `PATCH /`. */
export const modifyDatabaseBody = z.object({
  action: texts,
  instance_name: instanceName,
  new_username: texts,
  new_password: texts,
  add_query_rules: z
    .array(givenRule)
    .max(listMax)
    .nullish()
    .transform((given) => given ?? []),
  remove_query_rules: z
    .array(z.int())
    .max(listMax)
    .nullish()
    .transform((given) => given ?? []),
  read_replicas: z
    .array(givenServer)
    .max(listMax)
    .nullish()
    .transform((given) => given ?? null),
  chester_meta_data: givenMetaData,
});

/** `DELETE /`. */
export const removeDatabaseBody = z.object({ action: texts, instance_name: instanceName, username: texts });

/** `PATCH /queryrules/:id`. */
export const queryRuleBody = givenRule;

/** `POST /users`. */
export const addUserBody = z.object({
  username: z.string().min(1),
  password: z.string(),
  default_hostgroup: numbers,
  /** Only 0 switches a user off that is just being made. */
  active: z
    .int()
    .nullish()
    .transform((given) => given ?? 1),
  instance_group: texts,
});

/** `PATCH /users`. */
export const modifyUserBody = z.object({
  action: texts,
  username: z.string().min(1),
  new_username: texts,
  password: texts,
  instance_group: texts,
  default_host_group: numbers,
});

/** `PATCH /key/:instance` and `PATCH /cert/:instance`. */
export const keyBody = z.object({ key: z.string().min(1).max(65_536) });
export const certBody = z.object({ cert: z.string().min(1).max(65_536) });

export type AddDatabase = z.infer<typeof addDatabaseBody>;
export type ModifyDatabase = z.infer<typeof modifyDatabaseBody>;
export type AddUser = z.infer<typeof addUserBody>;
export type ModifyUser = z.infer<typeof modifyUserBody>;
export type LegacyServer = z.infer<typeof givenServer>;

const server = z.strictObject({ name: z.string(), ip_address: z.string() });
const rule = z.strictObject({
  rule_id: z.int(),
  username: z.string(),
  active: z.int(),
  match_digest: z.string(),
  destination_hostgroup: z.int(),
  apply: z.int(),
  comment: z.string(),
});
const metaData = z.strictObject({ instance_group: z.string(), max_chester_instances: z.int() });

/** What `GET /databases/:instance` answers. */
export const instanceDataAnswer = z.strictObject({
  instance_name: z.string(),
  read_hostgroup: z.int(),
  write_hostgroup: z.int(),
  username: z.string(),
  /** Always REDACTED. */
  password: z.string(),
  query_rules: z.array(rule),
  master_instance: server,
  read_replicas: z.array(server),
  use_ssl: z.int(),
  chester_meta_data: metaData,
});

/** What `POST /` answers. */
export const addDatabaseAnswer = z.strictObject({
  action: z.string(),
  query_rules: z.array(rule),
  instance_name: z.string(),
  username: z.string(),
  password: z.string(),
  write_host_group: z.int(),
  read_host_group: z.int(),
  ssl_enabled: z.int(),
  chester_meta_data: metaData,
});

/** What `GET /users/:username` answers. */
export const userAnswer = z.strictObject({
  username: z.string(),
  password: z.string(),
  default_hostgroup: z.int(),
  active: z.int(),
  instance_group: z.string(),
});

export const errorAnswer = z.strictObject({ error: z.string() });
export const statusAnswer = z.strictObject({ status: z.string() });

export type LegacyRule = z.infer<typeof rule>;
export type InstanceData = z.infer<typeof instanceDataAnswer>;
export type AddDatabaseAnswer = z.infer<typeof addDatabaseAnswer>;
export type LegacyUser = z.infer<typeof userAnswer>;
