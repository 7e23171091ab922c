import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serverCaOf } from '../../fakes/fake-cloudsql.ts';
import { addressOfName, groupSpec, replica, voter } from '../builders.ts';
import { build, certificatesOf, leavingOf, publish, rows, topology, useSsl } from '../snapshots.ts';

describe('buildSnapshot, while the writer is changed', () => {
  const successor = { primaryAddress: '10.0.1.2', serverCa: serverCaOf('next') };
  const withheld = { ...topology, isWithheld: true as const, successor };

  it('has no writer, and the one to come as reader where else none would be left', () => {
    const alone = build({ topology: withheld, spec: groupSpec(useSsl) });
    assert.deepEqual(rows(alone), ['10 10.0.1.2']);
    assert.deepEqual(certificatesOf(alone), {
      used: [`10 10.0.1.2 ${successor.serverCa.id}`],
      sent: [successor.serverCa.id],
    });
    assert.deepEqual(rows(build({ topology: withheld, replicas: [replica.serving('r1')] })), [
      `10 ${addressOfName('r1')} owned`,
    ]);
  });

  it('has no reader at all where no writer may stand in', () => {
    const spec = groupSpec({ writerFallbackConnections: 0 });
    assert.deepEqual(rows(build({ topology: withheld, spec })), []);
  });

  it('lets the old writer go also where it is the last reader', () => {
    const before = publish(null, { topology });
    const during = publish(before, { topology: withheld });
    assert.deepEqual(leavingOf(during), ['10.0.1.1:3306 since 2']);
    const after = publish(during, { topology: successor });
    assert.deepEqual(rows(after), ['5 10.0.1.2']);
  });

  it('names the old writer although the store lost what named it, and until the new one is in', () => {
    const proven = voter('a', { absent: [{ hostname: '10.0.1.1', port: 3306, revision: 1 }] });
    const first = publish(null, { topology: withheld, voters: [voter('a')] });
    assert.deepEqual(leavingOf(first), ['10.0.1.1:3306 since 1']);
    const second = publish(first, { topology: withheld, voters: [proven] });
    assert.deepEqual(leavingOf(second), ['10.0.1.1:3306 since 1']);
    assert.deepEqual(leavingOf(publish(second, { topology: successor, voters: [proven] })), []);
  });
});
