import { fc } from '../../properties.ts';
import { addressOf, keyOf } from '../../../agent/core/rows.ts';
import type { GroupTarget, Server } from '../../../agent/core/snapshot.ts';
import { FakeAdmin, row } from './fake-admin.ts';
import { noonMs } from './planning.ts';
import { type Edit, ProxyWorld, renderRow } from './proxy-world.ts';
import { desired, gone, plainPolicy, removed, target } from './targets.ts';

/**
 * Proxies, snapshots and what may befall them, for properties of the planner. The group is `orders` (hostgroups 10 and
 * 20), another one is `billing` (11 and 21); hostgroup 30 is nobody's that we know.
 */
export type Scenario = {
  readonly rows: readonly RowSpec[];
  /** Servers that answer nobody. */
  readonly dead: readonly string[];
  /** The group was proven on this proxy before. */
  readonly isKnown: boolean;
  readonly targets: readonly GroupTarget[];
  readonly edits: readonly Edit[];
};

type RowSpec = {
  readonly hostgroup: number;
  readonly hostname: string;
  readonly memory: string;
  readonly runtime: string;
  readonly weight: number;
  readonly used: number;
  readonly comment: string;
  readonly runtimeComment: string | null;
  readonly isOnDisk: boolean;
};

const names = ['a', 'b', 'c', 'd', 'w'] as const;
const earlier = new Date(noonMs - 60_000).toISOString();
const later = new Date(noonMs + 600_000).toISOString();
const own = 'chester orders replica';
const comments = ['', 'legacy', own, own, own, `${own} (leaving)`, `${own} (waiting)`, `${own} (ordered)`];
const timed = [
  `${own} (warming since ${earlier})`,
  `${own} (warming since ${later})`,
  `${own} (cordon until ${later})`,
];
const strange = ['chester orders fallback', 'chester orders-eu replica', 'chester billing replica', 'legacy (leaving)'];

const rowSpecs: fc.Arbitrary<RowSpec> = fc.record({
  hostgroup: fc.constantFrom(10, 20, 20, 20, 21, 30),
  hostname: fc.constantFrom(...names),
  memory: fc.constantFrom('same', 'same', 'same', 'missing', 'ONLINE', 'OFFLINE_SOFT', 'OFFLINE_HARD'),
  runtime: fc.constantFrom('ONLINE', 'ONLINE', 'ONLINE', 'SHUNNED', 'OFFLINE_SOFT', 'OFFLINE_HARD', 'missing'),
  weight: fc.constantFrom(1000, 1000, 1, 0),
  used: fc.constantFrom(0, 0, 2),
  comment: fc.constantFrom(...comments, ...timed, ...strange),
  runtimeComment: fc.option(fc.constantFrom(...comments, ...timed), { freq: 5 }),
  isOnDisk: fc.boolean(),
});

const policies = fc.record({
  writerFallbackConnections: fc.constantFrom(0, 0, 5),
  slowStart: fc.constantFrom(null, { durationSeconds: 60, initialPercent: 10, curve: 'LINEAR' as const }),
  adoptExisting: fc.boolean(),
  endPinnedAfterSeconds: fc.constant(0),
  cordonSeconds: fc.constantFrom(600, 600, 0),
});

const readers = fc.uniqueArray(
  fc.record({
    hostname: fc.constantFrom(...names),
    owned: fc.boolean(),
    status: fc.constantFrom('ONLINE', 'ONLINE', 'ONLINE', 'OFFLINE_SOFT'),
    weight: fc.constantFrom(1000, 1000, 1000, 0),
    servingSinceMs: fc.constantFrom(0, noonMs, noonMs - 30_000, noonMs + 7_200_000),
  }),
  { maxLength: 3, selector: ({ hostname }) => hostname },
);

const targets = fc
  .record({
    writer: fc.constantFrom(null, 'a', 'b', 'w', 'w', 'w'),
    readers,
    leaving: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 4 }),
    policy: policies,
    isRemoved: fc.nat(9).map((number) => number === 0),
  })
  .map(({ writer, readers: named, leaving, policy, isRemoved }): GroupTarget => {
    const servers: Server[] = named.map(({ hostname, ...more }) => desired(20, hostname, more));
    if (writer !== null) servers.push(desired(10, writer));
    const addresses = new Set(servers.map(addressOf));
    const away = leaving.map((name, index) => gone(name, index)).filter((one) => !addresses.has(addressOf(one)));
    return isRemoved ? removed(away) : target(servers, away, { hostgroups: { policy } });
  });

/** Another group of the proxy, which shares an address with ours. */
const others = fc.constantFrom(...names).map((hostname): GroupTarget =>
  target([desired(21, hostname, { comment: 'chester billing replica' })], [], {
    group: 'billing',
    hostgroups: {
      writerHostgroup: 11,
      readerHostgroup: 21,
      policy: { ...plainPolicy, adoptExisting: true, cordonSeconds: 600 },
    },
  }),
);

const edits: fc.Arbitrary<Edit> = fc.record({
  atSeconds: fc.constantFrom(0, 1, 9, 20, 45),
  key: fc.constantFrom(...names.map((name) => `20 ${name}:3306`), '10 w:3306', '10 a:3306'),
  act: fc.constantFrom('OFFLINE_SOFT', 'OFFLINE_SOFT', 'OFFLINE_HARD', 'ONLINE', 'comment', 'delete'),
  isLoaded: fc.constantFrom(true, true, false),
});

/** Any state that crashes, people and monitors can leave a proxy in, any snapshot, and `editsMax` edits by people. */
export function scenarios({ editsMax }: { readonly editsMax: number }): fc.Arbitrary<Scenario> {
  return fc
    .record({
      rows: fc.uniqueArray(rowSpecs, { maxLength: 8, selector: keyOfSpec }),
      dead: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 }),
      isKnown: fc.boolean(),
      targets: fc.tuple(targets, fc.option(others, { freq: 3 })).map((pair) => pair.filter((one) => one !== null)),
      edits: fc.array(edits, { maxLength: editsMax }),
    })
    .map((scenario) => ({ ...scenario, [fc.toStringMethod]: () => renderScenario(scenario) }));
}

/** Builds the proxy. What is nobody's that we know has no pending edits. */
export function buildWorld({ rows, dead, isKnown, targets: [first] }: Scenario): ProxyWorld {
  const admin = new FakeAdmin();
  for (const spec of rows) {
    const { weight, comment } = spec;
    const one = row(spec.hostgroup, spec.hostname, { weight, comment, maxConnections: 100 });
    admin.used.set(keyOf(one), spec.used);
    if (spec.isOnDisk) admin.disk.push(one);
    if (spec.hostgroup === 30) {
      admin.serve({ ...one, status: spec.runtime === 'SHUNNED' ? 'SHUNNED' : 'ONLINE' });
      continue;
    }
    const shown = { ...one, status: spec.runtime, comment: spec.runtimeComment ?? comment };
    if (spec.runtime !== 'missing') admin.runtime.set(keyOf(one), shown);
    const status = spec.memory === 'same' ? (spec.runtime === 'SHUNNED' ? 'ONLINE' : spec.runtime) : spec.memory;
    if (status !== 'missing') admin.memory.set(keyOf(one), { ...one, status });
  }
  const world = new ProxyWorld(admin, new Set(dead.map((name) => `${name}:3306`)));
  if (isKnown && first !== undefined) world.known.add(first.group);
  return world;
}

function keyOfSpec({ hostgroup, hostname }: RowSpec): string {
  return `${hostgroup} ${hostname}`;
}

function renderScenario(scenario: Scenario): string {
  const { admin } = buildWorld(scenario);
  const keys = [...new Set([...admin.memory.keys(), ...admin.runtime.keys()])].sort();
  const tables = keys.map(
    (key) =>
      `${key}  memory ${renderRow(admin.memory.get(key))}  runtime ${renderRow(admin.runtime.get(key))}` +
      `  used ${admin.used.get(key) ?? 0}`,
  );
  const wanted = scenario.targets.map(({ group, body }) => {
    const servers = body.kind === 'removed' ? [] : body.servers;
    const named = servers.map((server) => `${keyOf(server)} ${renderServer(server)}`);
    const policy = body.kind === 'removed' ? '' : ` policy ${JSON.stringify(body.policy)}`;
    return `${group} ${body.kind}: ${named.join(', ')} leaving ${body.leaving.map(addressOf).join(', ')}${policy}`;
  });
  const people = scenario.edits.map(
    ({ atSeconds, key, act, isLoaded }) => `+${atSeconds} s ${key} ${act} ${isLoaded ? 'LOAD' : ''}`,
  );
  const dead = `dead: ${scenario.dead.join(' ')}; known: ${scenario.isKnown}`;
  return ['', ...tables, ...wanted, ...people, dead].join('\n  ');
}

function renderServer({ status, weight, owned, servingSinceMs }: Server): string {
  const since = servingSinceMs === 0 ? '' : ` since ${(servingSinceMs - noonMs) / 1000} s`;
  return `${status} ${weight}${owned ? ' owned' : ''}${since}`;
}
