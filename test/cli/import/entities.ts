/** What Datastore answers about Chester's databases, and what becomes of one. */
export const text = (stringValue: string) => ({ stringValue });
const number = (value: number) => ({ integerValue: String(value) });
const record = (properties: object) => ({ entityValue: { properties } });
const list = (values: readonly object[]) => ({ arrayValue: { values } });

const server = (address: string, hostgroup: number, comment: string, maxConnections = 1000) =>
  record({
    Address: text(address),
    Port: number(3306),
    Hostgroup: number(hostgroup),
    MaxConnections: number(maxConnections),
    Comment: text(comment),
    UseSSL: number(0),
  });
const rule = (id: number, match: string, hostgroup: number) =>
  record({
    RuleID: number(id),
    Username: text('app'),
    Active: number(1),
    MatchDigest: text(match),
    DestinationHostgroup: number(hostgroup),
    Apply: number(1),
    Comment: text('a rule'),
  });

/** What Datastore answers about one database; the names are those of Go's fields. */
export function entitiesOf(name: string, password: string, kms: object = {}): object[] {
  const config = {
    MysqlVariables: record({
      MaxConnections: number(2048),
      CommandsStats: { booleanValue: true },
      MonitorPassword: text('planted-monitor'),
    }),
    AdminVariables: record({ AdminCredentials: text('admin:planted-admin') }),
    MySqlServers: list([
      server('10.0.0.1', 5, name),
      server('10.0.1.1', 10, `${name}-read-1`),
      server('10.0.2.1', 10, 'Read Replica Added By Chester', 100),
    ]),
    MySqlUsers: list([
      record({ Username: text('app'), Password: text(password), DefaultHostgroup: number(5), Active: number(1) }),
    ]),
    MySqlQueryRules: list([
      rule(2, '^SELECT', 10),
      rule(1, '^SELECT .* FOR UPDATE', 5),
      rule(7, 'odd', 77),
      rule(1, 'twice', 5),
    ]),
    ReadHostGroup: number(10),
    WriteHostGroup: number(5),
    UseSSL: number(0),
    ...kms,
  };
  const partitionId = { projectId: 'shop-prod-1', namespaceId: 'chester' };
  const parent = { kind: 'proxysqlconfig', name };
  return [
    { key: { partitionId, path: [parent] }, properties: config },
    {
      key: { partitionId, path: [parent, { kind: 'chester_metadata', name }] },
      properties: { InstanceGroup: text(name), MaxChesterInstances: number(4) },
    },
  ];
}

/** The group that `orders` becomes. */
export const expected = {
  name: 'orders',
  fleet: 'orders',
  project: 'shop-prod-1',
  primary: 'orders',
  writerHostgroup: 5,
  readerHostgroup: 10,
  staticReaders: [{ name: 'orders-read-1', hostname: '10.0.1.1', port: 3306, maxConnections: 1000 }],
  serverDefaults: { weight: 1, maxConnections: 1000, useSsl: false },
  policy: { replicasMax: 4 },
  gate: { username: 'chester-gate', passwordSecret: 'gate' },
  agents: { adoptExisting: true, shadow: true },
  users: [{ username: 'app', passwordSecret: 'orders-app', defaultHostgroup: 'writer' }],
  ruleIds: { first: 1, last: 1000 },
  queryRules: [
    {
      ruleId: 1,
      active: true,
      username: 'app',
      matchDigest: '^SELECT .* FOR UPDATE',
      comment: 'a rule',
      destination: 'writer',
      apply: true,
    },
    {
      ruleId: 2,
      active: true,
      username: 'app',
      matchDigest: '^SELECT',
      comment: 'a rule',
      destination: 'reader',
      apply: true,
    },
  ],
};
