import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCoordinatorMessage } from '../../../agent/adapters/wire.ts';
import { findModuleProblems } from '../../../agent/core/module-checks.ts';
import { findProblems, type GroupBody } from '../../../agent/core/snapshot.ts';
import { findVariableProblems } from '../../../agent/core/variables.ts';
import { renderUpdate } from '../../../coordinator/api/wire.ts';
import { buildSettings, settingsName } from '../../../coordinator/core/fleet-settings.ts';
import { buildSnapshot, buildTombstone, type SnapshotContent } from '../../../coordinator/core/snapshot.ts';
import { renderUser } from '../../../coordinator/core/users.ts';
import { CoordinatorMessage } from '../../../proto/codec/chester/v1/agent.ts';
import { loadChesterV1 } from '../../../proto/load.ts';
import { groupSpec, published, replica, richInput } from '../../coordinator/builders.ts';
import { serverCaOf } from '../../fakes/fake-cloudsql.ts';

const { service } = loadChesterV1().AgentService;
const hash = `*${'0F'.repeat(20)}`;

/** Sends an update over the wire, as bytes, and reads it as an agent does. */
function received(update: ReturnType<typeof renderUpdate>) {
  const bytes = service.Connect.responseSerialize(update);
  const parsed = parseCoordinatorMessage(CoordinatorMessage.decode(bytes));
  assert(parsed?.kind === 'update');
  return parsed;
}

function bodyOf(content: SnapshotContent): GroupBody {
  const { body } = received(renderUpdate(published(content), 'n1'));
  assert(body.kind === 'snapshot' || body.kind === 'removed');
  return body;
}

const spec = groupSpec({ ...richInput, staticReaders: [{ hostname: 'legacy', weight: 0 }] });
const content = buildSnapshot({
  spec,
  topology: { primaryAddress: '10.0.1.1', serverCa: serverCaOf('primary') },
  replicas: [replica.serving('r1', { serverCa: serverCaOf('r1') }), replica.draining('r2')],
  previous: null,
  voters: [],
  cordons: [],
  users: spec.users.map((user) => renderUser(user, spec, hash)),
  clientCertificate: { certificatePem: '-----BEGIN CERTIFICATE-----\n', keyPem: '-----BEGIN PRIVATE KEY-----\n' },
  nextRevision: 7,
});

describe('what a coordinator publishes', () => {
  it('is taken by an agent: every row passes its checks', () => {
    const body = bodyOf(content);
    assert.deepEqual(findProblems(body), []);
    assert.deepEqual(findModuleProblems('orders', body), []);
  });

  it('arrives whole', () => {
    const body = bodyOf(content);
    assert(body.kind === 'snapshot' && content.parts);
    const { parts } = content;
    assert.deepEqual(body.users, parts.users);
    assert.deepEqual(body.queryRules, parts.queryRules);
    assert.deepEqual(body.hostgroupAttributes, parts.hostgroupAttributes);
    assert.deepEqual(body.certificates, parts.certificates);
    assert.deepEqual(body.clientCertificate, parts.clientCertificate);
    assert.deepEqual(body.ruleIds, parts.ruleIds);
    assert.deepEqual(body.policy, {
      ...parts.policy,
      slowStart: { durationSeconds: 30, initialPercent: 5, curve: 'EXPONENTIAL' },
    });
    assert.deepEqual(body.servers, content.servers);
    assert.deepEqual(body.leaving, content.leaving);
  });

  it('says nothing of what a group does not declare', () => {
    const plain = buildSnapshot({
      spec: groupSpec({ agents: { slowStart: { durationSeconds: 0 } }, writerFallbackConnections: 0 }),
      topology: { primaryAddress: '10.0.1.1', serverCa: null },
      replicas: [],
      previous: null,
      voters: [],
      cordons: [],
      users: [],
      clientCertificate: null,
      nextRevision: 1,
    });
    const body = bodyOf(plain);
    assert(body.kind === 'snapshot');
    const { users, queryRules, hostgroupAttributes, certificates, clientCertificate, ruleIds, policy } = body;
    assert.deepEqual([users, queryRules, hostgroupAttributes, certificates], [[], [], [], []]);
    assert.deepEqual([clientCertificate, ruleIds, policy.slowStart], [null, null, null]);
    assert.equal(policy.writerFallbackConnections, 0);
    assert.deepEqual(findProblems(body), []);
  });

  it('can be a tombstone, or a snapshot that an earlier version stored', () => {
    const tombstone = bodyOf(buildTombstone({ ...content, revision: 7 }));
    assert.equal(tombstone.kind, 'removed');
    assert.deepEqual(findProblems(tombstone), []);
    const older = { ...published(content), parts: null };
    const { body } = received(renderUpdate(older, 'n1'));
    assert.equal(body.kind, 'snapshot');
  });

  it("can be a fleet's variables, also empty ones", () => {
    const variables = { 'mysql-b': '', 'mysql-a': 'true' };
    const settings = { ...buildSettings(variables), group: settingsName('main'), fleet: 'main' };
    const { group, body } = received(renderUpdate({ ...settings, revision: 1, hash: 'h', committedAtMs: 0 }, 'n1'));
    assert.equal(group, 'fleet:main');
    assert(body.kind === 'fleet');
    assert.deepEqual(body.variables, variables);
    assert.deepEqual(findVariableProblems(body), []);
  });
});
