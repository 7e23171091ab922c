import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';

import { logIn } from '../../../agent/adapters/admin-login.ts';
import { AdminWire } from '../../../agent/adapters/admin-wire.ts';
import { onEveryTarget, type StartTarget, type Target } from './targets.ts';

const timeout = 60_000;
const load = 'LOAD MYSQL SERVERS TO RUNTIME';
const runtime = 'SELECT hostname, port FROM runtime_mysql_servers ORDER BY port';
const insert = (port: number) => `REPLACE INTO mysql_servers (hostgroup_id, hostname, port) VALUES (20, 'a', ${port})`;

/** What becomes of statements that are sent before the one in front of them was answered. */
function describeTogether(start: StartTarget): void {
  let target: Target;
  let wire: AdminWire;
  let close: () => void;

  before(async () => {
    target = await start();
    const [host = '', port = ''] = target.address.split(':');
    const { connection, socket } = await logIn({
      host,
      port: Number(port),
      user: 'radmin',
      password: 'radmin',
      deadlineMs: timeout,
    });
    wire = new AdminWire(socket, {
      deadlineMs: timeout,
      onBroken: (error) => {
        wire.fail(error);
      },
    });
    close = () => {
      wire.fail(new Error('over'));
      connection.destroy();
    };
  });
  after(async () => {
    close();
    await target.close();
  });

  it('does them in order, each with an answer of its own', { timeout }, async () => {
    assert.deepEqual(await Promise.all(wire.send([insert(1), load, runtime])), [[], [], [['a', '1']]]);
  });

  it('does those behind one that fails', { timeout }, async () => {
    const [refused, ...others] = wire.send([insert(-1), insert(2), load, runtime]);
    await assert.rejects(refused!, /CHECK constraint failed/);
    const both = [
      ['a', '1'],
      ['a', '2'],
    ];
    assert.deepEqual(await Promise.all(others), [[], [], both]);
  });

  it('answers many and long ones', { timeout }, async () => {
    const long = 'x'.repeat(100_000);
    const statements = Array.from({ length: 60 }, (_, index) =>
      index % 3 === 0 ? load : `SELECT ${index}, '${long}'`,
    );
    const expected = statements.map((_, index) => (index % 3 === 0 ? [] : [[String(index), long]]));
    assert.deepEqual(await Promise.all(wire.send(statements)), expected);
  });
}

await onEveryTarget('statements sent together', describeTogether);
