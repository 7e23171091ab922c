import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findModuleProblems } from '../../../agent/core/module-checks.ts';
import type { SnapshotBody } from '../../../agent/core/snapshot.ts';
import type { TableRow } from '../../../agent/core/table.ts';
import { desired, plainPolicy, removed, target } from '../fakes/targets.ts';

const hash = `*${'0aF9'.repeat(10)}`;
const pem = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n';
const [caOne, caTwo] = ['00ff00ff', 'ff00ff00'];

function user(more: TableRow): TableRow {
  return { username: 'app', password: hash, default_hostgroup: '10', comment: 'chester orders user', ...more };
}

function rule(more: TableRow): TableRow {
  return { rule_id: '1', active: '1', comment: 'chester orders rule', ...more };
}

function attributes(more: TableRow): TableRow {
  return { hostgroup_id: '20', comment: 'chester orders attributes', ...more };
}

function problemsOf(hostgroups: Partial<SnapshotBody>): readonly string[] {
  const { group, body } = target([], [], { hostgroups });
  return findModuleProblems(group, body);
}

const ruleIds = { first: 1, last: 9 };

describe('findModuleProblems', () => {
  it('finds nothing in what a coordinator builds', () => {
    const servers = [
      desired(10, 'a', { useSsl: true, caId: caOne }),
      desired(20, 'a', { useSsl: true, caId: caOne }),
      desired(20, 'b', { useSsl: true }),
    ];
    const problems = problemsOf({
      servers,
      policy: { ...plainPolicy, writerFallbackConnections: 10 },
      certificates: [{ id: caOne, pem }],
      clientCertificate: { certificatePem: pem, keyPem: pem },
      hostgroupAttributes: [attributes({ max_num_online_servers: '3' })],
      users: [user({}), user({ username: 'sha', password: `$A$005$${'\u0001'.repeat(20)}${'a'.repeat(43)}` })],
      ruleIds,
      queryRules: [
        rule({ digest: '0x00AB', re_modifiers: 'CASELESS,GLOBAL', destination_hostgroup: '20' }),
        rule({ rule_id: '9' }),
      ],
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(findModuleProblems('orders', removed([]).body), []);
  });

  it('names at most five things', () => {
    assert.equal(problemsOf({ users: Array.from({ length: 9 }, () => user({ frontend: '0' })) }).length, 5);
  });

  const users: readonly (readonly [more: TableRow, says: RegExp])[] = [
    [{ username: 'admin' }, /username "admin": is one of ProxySQL's own accounts/],
    [{ username: 'stats' }, /own accounts/],
    [{ username: 'monitor' }, /own accounts/],
    [{ username: '' }, /has no name/],
    [{ password: 'plain' }, /^mysql_users username "app": password is not a hash that ProxySQL takes$/],
    [{ password: null }, /not a hash/],
    [{ password: '' }, /not a hash/],
    [{ password: hash.slice(1) }, /not a hash/],
    [{ default_hostgroup: '30' }, /default_hostgroup 30 is none of the group's/],
    [{ default_hostgroup: '010' }, /default_hostgroup 010 is none/],
    [{ frontend: '0' }, /frontend 0 is not 1 to 1/],
    [{ backend: '0' }, /backend 0 is not 1 to 1/],
    [{ transaction_persistent: '2' }, /transaction_persistent 2 is not 0 to 1/],
    [{ max_connections: '-1' }, /max_connections -1 is not/],
    [{ max_connections: '1e3' }, /max_connections 1e3 is not/],
    [{ comment: 'by hand' }, /comment does not begin with "chester orders "/],
    [{ comment: 'chester ordersx user' }, /comment does not begin/],
    [{ comment: 'chester orders \0' }, /comment holds a NUL character/],
    [{ nosuch: '1' }, /a group has no say in column nosuch/],
    [{ toString: '1' }, /a group has no say in column toString/],
  ];
  for (const [more, says] of users) {
    it(`refuses a user with ${JSON.stringify(more)}`, () => {
      const problems = problemsOf({ users: [user(more)] });
      assert.match(problems.join('\n'), says);
      assert.doesNotMatch(problems.join('\n'), /plain|0aF9/);
    });
  }

  it('refuses a user that is there twice', () => {
    assert.match(problemsOf({ users: [user({}), user({})] }).join(), /username "app": is there twice/);
  });

  const rules: readonly (readonly [more: TableRow, says: RegExp])[] = [
    [{ rule_id: '0' }, /rule_id 0: not in 1 to 9/],
    [{ rule_id: '10' }, /not in 1 to 9/],
    [{ rule_id: '1.0' }, /not in 1 to 9/],
    [{ destination_hostgroup: '30' }, /destination_hostgroup 30 is none of the group's/],
    [{ mirror_hostgroup: '30' }, /mirror_hostgroup 30 is none/],
    [{ gtid_from_hostgroup: '30' }, /gtid_from_hostgroup 30 is none/],
    [{ destination_hostgroup: '-1' }, /destination_hostgroup -1 is none/],
    [{ cache_ttl: '0' }, /cache_ttl 0 is not 1 to/],
    [{ timeout: '99999999999' }, /timeout 99999999999 is not/],
    [{ active: null }, /active null is not 0 to 1/],
    [{ re_modifiers: 'caseless' }, /re_modifiers caseless are unknown/],
    [{ digest: 'ab' }, /digest is not 0x and up to 16 digits/],
    [{ comment: null }, /comment does not begin/],
  ];
  for (const [more, says] of rules) {
    it(`refuses a rule with ${JSON.stringify(more)}`, () => {
      assert.match(problemsOf({ ruleIds, queryRules: [rule(more)] }).join('\n'), says);
    });
  }

  it('refuses rules of a group without rule ids', () => {
    assert.match(problemsOf({ queryRules: [rule({})] }).join('\n'), /the group has no rule ids/);
  });

  const limits: readonly (readonly [more: TableRow, says: RegExp])[] = [
    [{ hostgroup_id: '30' }, /hostgroup_id 30: is none of the group's/],
    [
      { max_num_online_servers: '2' },
      /max_num_online_servers 2 is not 3 to 1000000, and the group has 3 servers there/,
    ],
    [{ comment: '' }, /comment does not begin/],
  ];
  for (const [more, says] of limits) {
    it(`refuses attributes with ${JSON.stringify(more)}`, () => {
      const servers = [desired(20, 'a'), desired(20, 'b')];
      const policy = { ...plainPolicy, writerFallbackConnections: 1 };
      assert.match(problemsOf({ servers, policy, hostgroupAttributes: [attributes(more)] }).join('\n'), says);
    });
  }

  const tls: readonly (readonly [name: string, hostgroups: Partial<SnapshotBody>, says: RegExp])[] = [
    ['an id that is a path', { certificates: [{ id: '../key', pem }] }, /id "\.\.\/key" is no hash/],
    ['an authority that is no PEM', { certificates: [{ id: caOne, pem: 'x' }] }, /00ff00ff is not in PEM form/],
    ['a certificate that is no PEM', { clientCertificate: { certificatePem: 'x', keyPem: pem } }, /not in PEM form/],
    [
      'a key that is no PEM',
      { clientCertificate: { certificatePem: pem, keyPem: 'hush' } },
      /the key is not in PEM form/,
    ],
    [
      'a missing authority',
      { servers: [desired(20, 'a', { useSsl: true, caId: caOne })] },
      /a:3306: certificate 00ff00ff is missing/,
    ],
    [
      'an authority for a server without TLS',
      { certificates: [{ id: caOne, pem }], servers: [desired(20, 'a', { caId: caOne })] },
      /a:3306 has a certificate, but use_ssl is 0/,
    ],
    [
      'two authorities for one address',
      {
        certificates: [caOne, caTwo].map((id) => ({ id, pem })),
        servers: [desired(10, 'a', { useSsl: true, caId: caOne }), desired(20, 'a', { useSsl: true, caId: caTwo })],
      },
      /a:3306 has two certificates, 00ff00ff and ff00ff00/,
    ],
  ];
  for (const [name, hostgroups, says] of tls) {
    it(`refuses ${name}`, () => {
      const problems = problemsOf(hostgroups).join('\n');
      assert.match(problems, says);
      assert.doesNotMatch(problems, /hush/);
    });
  }
});
