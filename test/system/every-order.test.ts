import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { GroupSpec } from '../../proto/gen/chester/v1/GroupSpec.ts';
import type { AdminClient } from '../../sandbox/demo/admin-client.ts';
import { groupName, monitorVariables } from '../../sandbox/demo/story.ts';
import { type ProxyPod, World } from '../../sandbox/demo/world.ts';
import { findProxySql } from '../../sandbox/proxysql/real-proxysql.ts';
import { bundledProgram } from '../bundled-program.ts';

/** An agent that lost several coordinators in a row waits up to 5 s before it calls again; the machine may be slow. */
const deadlineMs = 60_000;
type Part = 'proxysql' | 'agent' | 'coordinator';
/** Whether a part runs again when the next one is killed. */
type Restart = 'before' | 'after';
type Order = { readonly parts: readonly [Part, Part, Part]; readonly restart: Restart };

const permutations: readonly Order['parts'][] = [
  ['proxysql', 'agent', 'coordinator'],
  ['coordinator', 'agent', 'proxysql'],
  ['agent', 'proxysql', 'coordinator'],
  ['agent', 'coordinator', 'proxysql'],
  ['proxysql', 'coordinator', 'agent'],
  ['coordinator', 'proxysql', 'agent'],
];
const all: readonly Order[] = permutations.flatMap((parts) => [
  { parts, restart: 'before' },
  { parts, restart: 'after' },
]);
/** Every part is the first to go down, and the last, in one of these. */
const few: readonly Order[] = [
  { parts: ['proxysql', 'agent', 'coordinator'], restart: 'before' },
  { parts: ['coordinator', 'agent', 'proxysql'], restart: 'after' },
];
const isAll = process.env['KILL_ORDERS'] === 'all';

const proxysql = await findProxySql(process.env);
const kind = proxysql === null ? 'the emulator' : `proxysql ${proxysql.version}`;

/** Real processes, each killed with SIGKILL while changes of every kind are under way. */
describe(`ProxySQL (${kind}), its agent and the coordinator, killed in turn`, { timeout: 900_000 }, () => {
  let world: World;
  let client: AdminClient;
  let spec: GroupSpec;
  /** How often everything was declared anew. */
  let change = 0;
  let strangers: readonly string[] = [];

  before(async () => {
    const replicas = [{ name: 'orders-primary-static' }, { name: 'orders-primary-second' }];
    const primaries = [{ name: 'orders-primary', replicas }];
    world = new World({ program: bundledProgram, proxysql, proxies: 2, cloudSql: { createMs: 200, primaries } });
    await world.start();
    client = world.adminClient();
    await Promise.all(world.pods.map(putStrangers));
    spec = describeGroup(world);
    await declare();
    await until('everything to serve for the first time', converged);
    // A proxy that is killed comes back with this: old rows of ours, and all that is others'.
    for (const { eye } of world.pods) for (const table of savedTables) await eye.execute(`SAVE MYSQL ${table} TO DISK`);
    strangers = await Promise.all(world.pods.map(readStrangers));
  });

  after(async () => {
    await world.stop();
    client.close();
  });

  for (const order of isAll ? all : few) {
    const [first, second, third] = order.parts;
    const name = `${first}, ${second}, ${third}; each runs again ${order.restart} the next one is killed`;
    it(`end converged: ${name}`, async () => {
      await killInTurn(order);
      await until(`change ${change} to be everywhere`, converged);
      assert.deepEqual(await Promise.all(world.pods.map(readStrangers)), strangers);
    });
  }
  if (!isAll) it(`the other ${all.length - few.length} orders`, { skip: 'make kill runs all of them' });

  async function killInTurn({ parts, restart }: Order): Promise<void> {
    let down: Part | null = null;
    for (const part of parts) {
      if (down !== 'coordinator') await declare();
      await kill(part);
      if (down !== null) await start(down);
      down = part;
      if (restart === 'before') {
        await start(part);
        down = null;
      }
    }
    if (down !== null) await start(down);
  }

  function firstPod(): ProxyPod {
    const [pod] = world.pods;
    assert(pod);
    return pod;
  }

  async function kill(part: Part): Promise<void> {
    if (part === 'proxysql') await firstPod().proxy.kill();
    else if (part === 'agent') await firstPod().agent.kill();
    else await world.killCoordinator();
  }

  async function start(part: Part): Promise<void> {
    if (part === 'proxysql') await firstPod().proxy.start();
    else if (part === 'agent') world.startAgent(firstPod());
    else {
      await world.startCoordinator();
      client.close();
      client = world.adminClient();
    }
  }

  /** Declares all that can change anew: a reader comes or goes; weight, user, rule, attribute and variable change. */
  async function declare(): Promise<void> {
    change += 1;
    await client.putFleet(world.fleet, variablesAt(change));
    await client.putGroup({
      ...spec,
      staticReaders: staticsAt(world, change),
      users: [{ username: 'orders-app', passwordSecret: 'gate', maxConnections: 1000 + change }],
      queryRules: [{ matchDigest: '^SELECT', destination: 'reader', apply: true, timeoutMs: 1000 + change }],
      hostgroupAttributes: { reader: { throttleConnectionsPerSec: 1000 + change } },
    });
  }

  /** Every proxy runs what was declared last, and every agent has said so. */
  async function converged(): Promise<void> {
    const { revision, primaryAddress, replicas, agentsConverged } = await client.getGroup(groupName);
    const [replica, ...others] = replicas;
    assert.deepEqual(others, []);
    assert.equal(replica?.state, 'serving');
    const statics = staticsAt(world, change).map(({ hostname, weight }) => ['10', hostname, 'ONLINE', String(weight)]);
    const servers = [
      ['5', primaryAddress, 'ONLINE', '1000'],
      ...[...statics, ['10', replica.address, 'ONLINE', '1000']].toSorted((one, two) => compare(one[1], two[1])),
    ];
    const number = String(1000 + change);
    for (const { eye } of world.pods) {
      assert.deepEqual(await eye.select(select.servers), servers);
      assert.deepEqual(await eye.select(select.user), [[number]]);
      assert.deepEqual(await eye.select(select.rule), [['100', '10', number]]);
      assert.deepEqual(await eye.select(select.attribute), [['10', number]]);
      assert.deepEqual(await eye.select(select.variable), [[number]]);
    }
    assert.equal(agentsConverged, world.pods.length);
    for (const { agentId, groups } of await client.listAgents()) {
      const states = groups.map(({ group, state }) => `${group} ${state}`).toSorted();
      assert.deepEqual(states, ['fleet:main APPLIED', 'orders APPLIED'], agentId);
      assert.equal(groups.find(({ group }) => group === groupName)?.revision, revision);
    }
  }

  async function until(what: string, check: () => Promise<void>): Promise<void> {
    const endMs = performance.now() + deadlineMs;
    for (;;) {
      try {
        await check();
        return;
      } catch (error) {
        if (performance.now() > endMs) throw new Error(`waited ${deadlineMs / 1000} s for: ${what}`, { cause: error });
      }
      await pause(50);
    }
  }
});

const savedTables = ['SERVERS', 'USERS', 'QUERY RULES', 'VARIABLES'];

const select = {
  servers:
    'SELECT hostgroup_id, hostname, status, weight FROM runtime_mysql_servers WHERE hostgroup_id IN (5, 10) ORDER BY 1, 2',
  user: "SELECT max_connections FROM runtime_mysql_users WHERE username = 'orders-app' AND frontend = 1",
  rule: 'SELECT rule_id, destination_hostgroup, timeout FROM runtime_mysql_query_rules WHERE rule_id < 1000',
  attribute:
    'SELECT hostgroup_id, throttle_connections_per_sec FROM runtime_mysql_hostgroup_attributes WHERE hostgroup_id = 10',
  variable: "SELECT variable_value FROM runtime_global_variables WHERE variable_name = 'mysql-long_query_time'",
};

function variablesAt(change: number): Readonly<Record<string, string>> {
  return { ...monitorVariables, 'mysql-long_query_time': String(1000 + change) };
}

/** The first reader is there at any time, the second one at every second change. */
function staticsAt({ cloudSql }: World, change: number) {
  const names = change % 2 === 0 ? ['orders-primary-static', 'orders-primary-second'] : ['orders-primary-static'];
  return names.map((name) => {
    const { host = '', port = 0 } = cloudSql.mysqlAddress(name) ?? {};
    return { hostname: host, port, weight: 100 + change };
  });
}

function describeGroup({ fleet, project, cloudSql }: World): GroupSpec {
  return {
    ...{ name: groupName, fleet, project, primary: 'orders-primary', writerHostgroup: 5, readerHostgroup: 10 },
    port: cloudSql.mysqlAddress('orders-primary')?.port ?? 0,
    policy: { replicasMin: 1, replicasMax: 1 },
    gate: { username: 'chester-gate', passwordSecret: 'gate', samples: 1, lagSecondsMax: 5 },
    agents: { slowStart: { durationSeconds: 0 } },
    ruleIds: { first: 100, last: 199 },
  };
}

/** What belongs to others on the same proxy: in each table, one row with values that are nobody's defaults. */
async function putStrangers({ eye }: ProxyPod): Promise<void> {
  const statements = [
    "INSERT INTO mysql_servers (hostgroup_id, hostname, port, weight, comment) VALUES (77, '127.0.0.77', 3377, 7, 'theirs')",
    "INSERT INTO mysql_users (username, password, default_hostgroup, comment) VALUES ('stranger', 'plain', 77, 'theirs')",
    "INSERT INTO mysql_query_rules (rule_id, active, match_digest, destination_hostgroup, comment) VALUES (7777, 1, '^SHOW', 77, 'theirs')",
    "INSERT INTO mysql_hostgroup_attributes (hostgroup_id, max_num_online_servers, comment) VALUES (77, 7, 'theirs')",
    // The monitor would shun a server that is not there, which is no change of ours.
    "UPDATE mysql_servers SET status = 'OFFLINE_SOFT' WHERE hostgroup_id = 77",
  ];
  for (const sql of statements) await eye.execute(sql);
  for (const module of ['SERVERS', 'USERS', 'QUERY RULES']) await eye.execute(`LOAD MYSQL ${module} TO RUNTIME`);
}

/** All of it, in memory, runtime and on disk. */
async function readStrangers({ eye }: ProxyPod): Promise<string> {
  const wheres = [
    ['mysql_servers', 'hostgroup_id = 77'],
    ['mysql_users', "username = 'stranger'"],
    ['mysql_query_rules', 'rule_id = 7777'],
    ['mysql_hostgroup_attributes', 'hostgroup_id = 77'],
  ] as const;
  const rows = [];
  for (const [table, where] of wheres) {
    for (const place of ['', 'runtime_', 'disk.']) {
      const found = await eye.select(`SELECT * FROM ${place}${table} WHERE ${where} ORDER BY 1`);
      assert.notDeepEqual(found, [], `${place}${table}`);
      rows.push([place, table, found]);
    }
  }
  return JSON.stringify(rows, null, 1);
}

function compare(one = '', other = ''): number {
  return one < other ? -1 : Number(one > other);
}
