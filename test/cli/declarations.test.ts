import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { parseDeclarations, renderDeclaration } from '../../cli/declarations.ts';
import { loadDeclarationSchemas } from '../../cli/message-schema.ts';

const schemas = loadDeclarationSchemas();
const groupFields = [...schemas.group.keys()].join(', ');
const users = schemas.group.get('users');
const userFields = users?.kind === 'message' ? [...users.message.keys()].join(', ') : '';
const policy = schemas.group.get('policy');
const policyFields = policy?.kind === 'message' ? [...policy.message.keys()].join(', ') : '';
const int32 = 'a whole number from -2147483648 to 2147483647';

/** Left: YAML. Right: every problem it has. */
const bad: readonly (readonly [yaml: string, ...problems: string[]])[] = [
  ['', 'it is empty; allowed: a group, or fleets and groups'],
  ['# nothing\n', 'it is empty; allowed: a group, or fleets and groups'],
  ['hello', '(whole) is "hello"; allowed: a map'],
  ['- name: orders', '(whole) is [{"name":"orders"}]; allowed: a map'],
  ['name: "orders', 'Missing closing "quote at line 1, column 14'],
  ['name: a\nname: b', 'Map keys must be unique at line 2, column 1'],
  ['name: a\n---\nname: b', 'allowed: one YAML document, not several'],
  ['name: !secret a', 'Unresolved tag: !secret at line 1, column 7'],
  ['name: *a', 'Unresolved alias (the anchor must be set before the alias): a'],
  ['nmae: orders', `nmae is "orders"; allowed: no such field; the fields are ${groupFields}`],
  ['policy: {replicas_max: 3}', `policy.replicas_max is 3; allowed: no such field; the fields are ${policyFields}`],
  ['__proto__: {a: 1}', `__proto__ is {"a":1}; allowed: no such field; the fields are ${groupFields}`],
  ['_port: port', `_port is "port"; allowed: no such field; the fields are ${groupFields}`],
  ['name: 7', 'name is 7; allowed: a text (put it in quotes)'],
  ['name: null', 'name is null; allowed: a text'],
  ['name: [a]', 'name is ["a"]; allowed: a text'],
  ['port: "3306"', `port is "3306"; allowed: ${int32}`],
  ['port: 3306.5', `port is 3306.5; allowed: ${int32}`],
  ['port: 2147483648', `port is 2147483648; allowed: ${int32}`],
  ['port: -2147483649', `port is -2147483649; allowed: ${int32}`],
  ['port: .nan', `port is NaN; allowed: ${int32}`],
  ['port: .inf', `port is Infinity; allowed: ${int32}`],
  ['port: true', `port is true; allowed: ${int32}`],
  ['serverDefaults: {useSsl: yes}', 'serverDefaults.useSsl is "yes"; allowed: true or false'],
  ['serverDefaults: {useSsl: 1}', 'serverDefaults.useSsl is 1; allowed: true or false'],
  ['policy:', 'policy is null; allowed: a map'],
  ['policy: [1]', 'policy is [1]; allowed: a map'],
  ['staticReaders: {hostname: a}', 'staticReaders is {"hostname":"a"}; allowed: a list'],
  ['staticReaders: [a]', 'staticReaders.0 is "a"; allowed: a map'],
  [
    'staticReaders: [{hostname: a}, {hostname: 1, port: x}]',
    'staticReaders.1.hostname is 1; allowed: a text (put it in quotes)',
    `staticReaders.1.port is "x"; allowed: ${int32}`,
  ],
  ['groups:', 'groups is null; allowed: a list'],
  ['groups: []\nusers: []', 'users is []; allowed: no such field; the fields beside groups are fleets'],
  [
    'fleets: [{name: a, cel: b}]\ngroups: [{name: 1}]',
    'fleets.0.cel is "b"; allowed: no such field; the fields are name, cell, variables',
    'groups.0.name is 1; allowed: a text (put it in quotes)',
  ],
  ['fleets: [{variables: [a]}]', 'fleets.0.variables is ["a"]; allowed: a map'],
  [
    'fleets: [{variables: {mysql-a: 1.5, mysql-b: null, mysql-x_password: [s]}}]',
    'fleets.0.variables.mysql-a is 1.5; allowed: a text, a whole number, true or false',
    'fleets.0.variables.mysql-b is null; allowed: a text, a whole number, true or false',
    'fleets.0.variables.mysql-x_password is (hidden); allowed: a text, a whole number, true or false',
  ],
  [
    'users: [{username: app, password: s}]',
    `users.0.password is (hidden); allowed: no such field; the fields are ${userFields}`,
  ],
  ['users: {app: {password: s}}', 'users is {"app":{"password":"(hidden)"}}; allowed: a list'],
  ['groups: [{name: a}, {name: a}]', 'groups.1.name is "a"; allowed: a name that the list does not have already'],
  ['name: &a [*a]', 'name is a value that names itself; allowed: a text'],
  [
    'policy: &a { replicasMax: *a }',
    'policy.replicasMax is a value that names itself; allowed: a whole number from -2147483648 to 2147483647',
  ],
  [`name: [${'a'.repeat(100)}]`, `name is ["${'a'.repeat(77)}…; allowed: a text`],
];

describe('parseDeclarations', () => {
  for (const [yaml, ...problems] of bad) {
    it(`refuses ${JSON.stringify(yaml.slice(0, 60))}`, () => {
      assert.deepEqual(parseDeclarations(yaml, schemas), { ok: false, problems });
    });
  }

  it('refuses aliases that would grow without end', () => {
    const lines = ['a0: &a0 [x, x]'];
    for (let depth = 1; depth < 20; depth++) {
      lines.push(`a${depth}: &a${depth} [*a${depth - 1}, *a${depth - 1}, *a${depth - 1}]`);
    }
    const parsed = parseDeclarations(lines.join('\n'), schemas);
    assert(!parsed.ok);
    assert.match(parsed.problems.join('\n'), /^Excessive alias count/);
  });

  it('leaves ranges to the coordinator', () => {
    const parsed = parseDeclarations('policy: {replicasMax: -1}', schemas);
    assert(parsed.ok);
    assert.deepEqual(parsed.declarations.groups, [{ path: '', value: { policy: { replicasMax: -1 } } }]);
  });

  it('takes JSON', () => {
    const parsed = parseDeclarations('{"name": "orders", "port": 3307}', schemas);
    assert(parsed.ok);
    assert.deepEqual(parsed.declarations.groups, [{ path: '', value: { name: 'orders', port: 3307 } }]);
  });

  it('takes a file with fleets alone', () => {
    const parsed = parseDeclarations('fleets: [{name: main, cell: west}]', schemas);
    assert.deepEqual(parsed, {
      ok: true,
      declarations: { fleets: [{ path: 'fleets.0', value: { name: 'main', cell: 'west' } }], groups: [] },
    });
  });

  it('takes the example', async () => {
    const parsed = parseDeclarations(await readFile('examples/groups.yaml', 'utf8'), schemas);
    assert(parsed.ok);
    const { fleets, groups } = parsed.declarations;
    assert.deepEqual(fleets, [{ path: 'fleets.0', value: { name: 'main', cell: 'default' } }]);
    assert.equal(groups.length, 1);
    assert.equal(groups[0]?.value.primary, 'orders-primary');
  });
});

const text = fc.string({ minLength: 1, unit: 'grapheme' });
const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const partial = <T>(model: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { requiredKeys: [], noNullPrototype: true });
const nonEmpty = <T extends object>(value: fc.Arbitrary<T>) => value.filter((map) => Object.keys(map).length > 0);
const spec = fc.record(
  {
    name: text,
    fleet: text,
    project: text,
    primary: text,
    port: int,
    writerHostgroup: int,
    readerHostgroup: int,
    staticReaders: fc.array(partial({ hostname: text, port: int, weight: int, maxConnections: int }), { minLength: 1 }),
    serverDefaults: fc.record({ weight: int, useSsl: fc.boolean() }, { noNullPrototype: true }),
    policy: nonEmpty(partial({ replicasMin: int, replicasMax: int, step: int })),
    gate: nonEmpty(partial({ username: text, passwordSecret: text, samples: int })),
    agents: nonEmpty(partial({ adoptExisting: fc.boolean(), cordonSeconds: int })),
    users: fc.array(partial({ username: text, maxConnections: int, active: fc.boolean() }), { minLength: 1 }),
    ruleIds: nonEmpty(partial({ first: int, last: int })),
    queryRules: fc.array(partial({ matchDigest: text, flagOut: int, apply: fc.boolean() }), { minLength: 1 }),
    template: nonEmpty(partial({ namePrefix: text, tier: text, zone: text })),
    writerFallbackConnections: int,
  },
  { requiredKeys: ['name'], noNullPrototype: true },
);

describe('renderDeclaration', () => {
  it('renders what parseDeclarations takes back', () => {
    fc.assert(
      fc.property(spec, (value) => {
        const parsed = parseDeclarations(renderDeclaration(value, schemas.group), schemas);
        assert.deepEqual(parsed.ok ? parsed.declarations.groups : parsed.problems, [{ path: '', value: { ...value } }]);
      }),
    );
  });

  it('leaves out what is not set, and the marks of what is', () => {
    const answered = {
      template: { namePrefix: '', tier: '', zone: '' },
      queryRules: [{ matchPattern: 'x', replacePattern: '', _replacePattern: 'replacePattern', errorMessage: '' }],
      gate: null,
      staticReaders: [],
      policy: { replicasMin: 0, _replicasMin: 'replicasMin' },
      port: 0,
      _port: 'port',
      fleet: '',
      name: 'orders',
    };
    assert.equal(
      renderDeclaration(answered, schemas.group),
      'name: orders\nport: 0\npolicy:\n  replicasMin: 0\nqueryRules:\n  - matchPattern: x\n    replacePattern: ""\n',
    );
  });
});
