import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../../properties.ts';
import { parseFleetSpec, parseGroupSpec } from '../../../coordinator/core/group-spec.ts';
import { excerpt, renderProblems } from '../../../coordinator/core/problems.ts';
import { groupInput, groupSpec, richInput } from '../builders.ts';
import { type BadField, inputWith, itNamesBadFields } from './bad-fields.ts';

const useSsl = { serverDefaults: { useSsl: true } };
const clientTls = { clientCertificateSecret: 'cert', clientKeySecret: 'key' };

const badFields: readonly BadField[] = [
  ['policy.replicasMax', { policy: { replicasMax: -1 } }, '-1', /at least 0/],
  ['policy.replicasMax', { policy: { replicasMax: 11 } }, '11', /at most 10/],
  ['policy.replicasMax', { policy: { replicasMax: '3' } }, '"3"', /a number/],
  ['policy.replicasMax', { policy: { replicasMax: 1.5 } }, '1.5', /a whole number/],
  ['policy.replicasMin', { policy: { replicasMin: 3, replicasMax: 2 } }, '3', /at most replicasMax/],
  ['policy.step', { policy: { step: 0 } }, '0', /at least 1/],
  ['policy.maximum', { policy: { maximum: 3 } }, '3', /no such field/],
  ['staticReaders.0.hostname', reader("db'; DROP"), `"db'; DROP"`, /a DNS name or an IP address/],
  ['staticReaders.0.hostname', reader('db;x'), '"db;x"', /a DNS name/],
  ['staticReaders.0.hostname', reader('db x'), '"db x"', /a DNS name/],
  ['staticReaders.0.hostname', reader('db\n'), String.raw`"db\n"`, /a DNS name/],
  ['staticReaders.0.hostname', reader('/tmp/mysql.sock'), '"/tmp/mysql.sock"', /a DNS name/],
  ['staticReaders.0.hostname', reader(''), '""', /a DNS name/],
  ['staticReaders.0.port', { staticReaders: [{ hostname: 'db', port: 0 }] }, '0', /at least 1/],
  ['staticReaders.0.port', { staticReaders: [{ hostname: 'db', port: 65536 }] }, '65536', /at most 65535/],
  ['staticReaders.1.hostname', { staticReaders: [{ hostname: 'db' }, { hostname: 'db' }] }, '"db"', /staticReaders\.0/],
  ['staticReaders', { staticReaders: 'db' }, '"db"', /an array/],
  ['name', { name: 'Orders' }, '"Orders"', /a lower-case letter/],
  ['name', { name: 'a'.repeat(64) }, `"${'a'.repeat(64)}"`, /up to 62/],
  ['name', { name: undefined }, 'missing', /a string/],
  ['primary', { primary: 'orders-' }, '"orders-"', /not ending in -/],
  ['project', { project: 'p' }, '"p"', /a project id/],
  ['readerHostgroup', { readerHostgroup: 5 }, '5', /another number than writerHostgroup/],
  ['writerHostgroup', { writerHostgroup: -5 }, '-5', /at least 0/],
  ['gate', { gate: null }, 'null', /an object/],
  [
    'gate.passwordSecret',
    { gate: { username: 'u', passwordSecret: '../etc/passwd' } },
    '"../etc/passwd"',
    /a lower-case/,
  ],
  ['template.namePrefix', { template: { namePrefix: 'x'.repeat(80) } }, `"${'x'.repeat(78)}…`, /together at most 98/],
  ['serverDefaults.useSsl', { serverDefaults: { useSsl: 'yes' } }, '"yes"', /a boolean/],
  ['clientKeySecret', { ...useSsl, clientCertificateSecret: 'cert' }, 'missing', /the name of a secret: clientCert/],
  ['clientCertificateSecret', { ...useSsl, clientKeySecret: 'key' }, 'missing', /the name of a secret: clientKey/],
  ['clientKeySecret', { ...useSsl, ...clientTls, clientKeySecret: 'a/b' }, '"a/b"', /a lower-case letter/],
  ['serverDefaults.useSsl', clientTls, 'missing', /true: a client certificate/],
  ['__proto__', JSON.parse('{"__proto__":{"polluted":true}}') as object, '{"polluted":true}', /no such field/],
  ['constructor', { constructor: 1 }, '1', /no such field/],
];

function reader(hostname: string): Readonly<Record<string, unknown>> {
  return { staticReaders: [{ hostname }] };
}

describe('parseGroupSpec', () => {
  itNamesBadFields(badFields);

  it('reports every problem at once, one a line', () => {
    const parsed = parseGroupSpec({ ...groupInput, name: 'X', policy: { replicasMax: -1, step: 'a' }, surplus: 1 });
    assert(!parsed.ok);
    assert.deepEqual(parsed.problems.map(({ field }) => field).sort(), [
      'name',
      'policy.replicasMax',
      'policy.step',
      'surplus',
    ]);
    assert.equal(renderProblems(parsed.problems).split('\n').length, 4);
  });

  it('fills in every default', () => {
    const { policy, port, serverDefaults, staticReaders, writerFallbackConnections, ...parts } = groupSpec({
      staticReaders: [{ hostname: '10.1.2.3' }],
    });
    const { agents, hostgroupAttributes, users, ruleIds, queryRules } = parts;
    assert.deepEqual([hostgroupAttributes, users, ruleIds, queryRules], [{}, [], undefined, []]);
    assert.deepEqual(agents, {
      slowStart: { durationSeconds: 60, initialPercent: 10, curve: 'linear' },
      adoptExisting: false,
      endPinnedAfterSeconds: 0,
      cordonSeconds: 3600,
      shadow: false,
    });
    assert.equal(port, 3306);
    assert.equal(writerFallbackConnections, 100);
    assert.deepEqual(staticReaders, [{ hostname: '10.1.2.3', port: 3306 }]);
    assert.deepEqual(serverDefaults, { weight: 1000, maxConnections: 100, maxReplicationLagSeconds: 0, useSsl: false });
    assert.deepEqual(policy, {
      replicasMin: 0,
      replicasMax: 3,
      step: 1,
      scaleInStep: 1,
      scaleOutCooldownSeconds: 300,
      scaleInCooldownSeconds: 300,
      scaleOutStabilisationSeconds: 0,
      scaleInStabilisationSeconds: 0,
      disableScaleIn: false,
      dryRun: false,
      scaleInWindows: [],
      schedules: [],
      incidentMaxAgeSeconds: 10_800,
    });
  });

  it('accepts IPv4, IPv6 and DNS names', () => {
    for (const hostname of ['10.0.0.1', 'fd00::1', 'db-1.example.com', 'localhost', 'a']) groupSpec(reader(hostname));
  });

  it('never throws, whatever it is given', () => {
    const field = fc.oneof(fc.jsonValue(), fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }));
    const keys = fc.constantFrom(
      ...Object.keys(groupInput),
      'policy',
      'staticReaders',
      'template',
      'serverDefaults',
      'agents',
      'hostgroupAttributes',
      'users',
      'ruleIds',
      'queryRules',
      '__proto__',
    );
    const nearly = fc.array(fc.tuple(keys, field)).map((fields) => inputWith(Object.fromEntries(fields)));
    fc.assert(
      fc.property(fc.oneof(field, nearly), (input) => {
        for (const parsed of [parseGroupSpec(input), parseFleetSpec(input)]) {
          if (parsed.ok) continue;
          assert(parsed.problems.length > 0);
          assert(parsed.problems.every(({ value, allowed }) => value.length <= 80 && allowed.length > 0));
        }
      }),
    );
  });

  it('is stable with everything that can be declared', () => {
    const first = groupSpec(richInput);
    assert.deepEqual(parseGroupSpec(JSON.parse(JSON.stringify(first))), { ok: true, value: first });
  });

  it('is stable: what it returns parses to itself, also through JSON', () => {
    const hostname = fc.domain().filter((name) => name.length <= 253);
    const servers = fc.uniqueArray(fc.record({ hostname, weight: fc.nat(1000) }, { requiredKeys: ['hostname'] }), {
      selector: (server) => server.hostname,
      maxLength: 5,
    });
    const policies = fc
      .record({ replicasMin: fc.nat(10), replicasMax: fc.nat(10), step: fc.integer({ min: 1, max: 10 }) })
      .filter(({ replicasMin, replicasMax }) => replicasMin <= replicasMax);
    fc.assert(
      fc.property(servers, policies, (staticReaders, policy) => {
        const first = groupSpec({ staticReaders, policy });
        const second = parseGroupSpec(JSON.parse(JSON.stringify(first)));
        assert(second.ok);
        assert.deepEqual(second.value, first);
      }),
    );
  });
});

describe('parseFleetSpec', () => {
  it('takes a name and a cell', () => {
    const value = { name: 'main', cell: 'default', variables: {} };
    assert.deepEqual(parseFleetSpec({ name: 'main' }), { ok: true, value });
    assert.deepEqual(parseFleetSpec(value), { ok: true, value });
  });

  it('takes variables as texts, whole numbers and truths, and keeps them as ProxySQL shows them', () => {
    const variables = {
      'mysql-max_connections': 2000,
      'mysql-have_ssl': true,
      'mysql-multiplexing': false,
      'mysql-server_version': '8.0.36',
      'mysql-init_connect': '',
      'mysql-query_cache_size_MB': 64,
    };
    const parsed = parseFleetSpec({ name: 'main', variables });
    assert(parsed.ok);
    assert.deepEqual(parsed.value.variables, {
      'mysql-max_connections': '2000',
      'mysql-have_ssl': 'true',
      'mysql-multiplexing': 'false',
      'mysql-server_version': '8.0.36',
      'mysql-init_connect': '',
      'mysql-query_cache_size_MB': '64',
    });
    assert.deepEqual(parseFleetSpec(JSON.parse(JSON.stringify(parsed.value))), parsed);
  });

  it('refuses more variables than there can be', () => {
    const variables = Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`mysql-v${index}`, 1]));
    const parsed = parseFleetSpec({ name: 'main', variables });
    assert(!parsed.ok);
    assert.deepEqual(
      parsed.problems.map(({ field, allowed }) => [field, allowed]),
      [['variables', 'at most 500 variables']],
    );
  });

  const badVariables = [
    ['admin-mysql_ifaces', 'x', '"x"', /begins with mysql-/],
    ['mysql-Max', 1, '1', /begins with mysql-/],
    ["mysql-a'b", 1, '1', /begins with mysql-/],
    ['mysql-monitor_password', 'hunter2', '(hidden)', /no secret/],
    ['mysql-interfaces', '0.0.0.0:3306', '"0.0.0.0:3306"', /opens its interfaces when it starts/],
    ['mysql-long_query_time', 1.5, '1.5', /^a text, a whole number, true or false$/],
    ['mysql-long_query_time', null, 'null', /^a text, a whole number, true or false$/],
    ['mysql-init_connect', 'a\0', String.raw`"a\u0000"`, /without NUL/],
  ] as const;
  for (const [name, value, shown, allowed] of badVariables) {
    it(`refuses ${name} = ${JSON.stringify(value)}`, () => {
      const parsed = parseFleetSpec({ name: 'main', variables: { [name]: value } });
      assert(!parsed.ok);
      assert.equal(parsed.problems.length, 1, renderProblems(parsed.problems));
      assert.deepEqual([parsed.problems[0]?.field, parsed.problems[0]?.value], [`variables.${name}`, shown]);
      assert.match(parsed.problems[0]?.allowed ?? '', allowed);
    });
  }

  it('names what is wrong', () => {
    const parsed = parseFleetSpec({ name: 'Main', cells: 'x' });
    assert(!parsed.ok);
    assert.match(
      renderProblems(parsed.problems),
      /^name is "Main"; allowed: a lower-case letter.*\ncells is "x"; allowed: no such field$/,
    );
  });
});

describe('excerpt', () => {
  it('survives what has no JSON form', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    for (const value of [loop, 10n, () => 1, Symbol('x')]) assert.match(excerpt(value), /^a /);
    assert.equal(excerpt(undefined), 'missing');
  });
});
