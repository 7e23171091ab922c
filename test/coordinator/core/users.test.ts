import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderUser } from '../../../coordinator/core/users.ts';
import { groupSpec } from '../builders.ts';
import { itNamesBadFields } from './bad-fields.ts';

const hash = `*${'0'.repeat(40)}`;
const user = (change: object = {}) => ({ users: [{ username: 'app', passwordSecret: 'app-password', ...change }] });

describe('users of a group', () => {
  itNamesBadFields([
    ['users', { users: { app: {} } }, '{"app":{}}', /an array/],
    ['users.0.username', user({ username: undefined }), 'missing', /a string/],
    ['users.0.username', user({ username: '' }), '""', /1 to 32 characters/],
    ['users.0.username', user({ username: 'a'.repeat(33) }), `"${'a'.repeat(33)}"`, /1 to 32 characters/],
    ['users.0.username', user({ username: 'a\u0000b' }), String.raw`"a\u0000b"`, /control character/],
    ['users.0.username', user({ username: 'admin' }), '"admin"', /locks ProxySQL's own account/],
    ['users.0.username', user({ username: 'stats' }), '"stats"', /locks ProxySQL's own account/],
    ['users.0.username', user({ username: 'monitor' }), '"monitor"', /locks ProxySQL's own account/],
    ['users.1.username', { users: [...user().users, ...user().users] }, '"app"', /a name that users\.0 does not have/],
    ['users.0.passwordSecret', user({ passwordSecret: undefined }), 'missing', /a string/],
    ['users.0.passwordSecret', user({ passwordSecret: '../key' }), '"../key"', /a lower-case letter/],
    ['users.0.password', user({ password: 'x' }), '(hidden)', /no such field/],
    ['users', { users: { password: 'x', a: 1 } }, '{"password":"(hidden)","a":1}', /an array/],
    ['users.0.defaultHostgroup', user({ defaultHostgroup: 5 }), '5', /^writer, reader$/],
    ['users.0.maxConnections', user({ maxConnections: -1 }), '-1', /at least 0/],
    ['users.0.transactionPersistent', user({ transactionPersistent: 0 }), '0', /a boolean/],
    ['users.0.defaultSchema', user({ defaultSchema: '' }), '""', /1 to 64 characters/],
  ]);
});

describe('renderUser', () => {
  it('renders the defaults: the writer, transactions kept on one server', () => {
    const spec = groupSpec(user());
    assert.deepEqual(renderUser(spec.users[0]!, spec, hash), {
      username: 'app',
      password: hash,
      active: '1',
      use_ssl: '0',
      default_hostgroup: '5',
      schema_locked: '0',
      transaction_persistent: '1',
      fast_forward: '0',
      max_connections: '10000',
      comment: 'chester orders user',
    });
  });

  it('renders what was declared', () => {
    const spec = groupSpec(
      user({
        defaultHostgroup: 'reader',
        maxConnections: 7,
        active: false,
        useSsl: true,
        defaultSchema: "shop's",
        schemaLocked: true,
        transactionPersistent: false,
        fastForward: true,
      }),
    );
    assert.deepEqual(renderUser(spec.users[0]!, spec, hash), {
      username: 'app',
      password: hash,
      active: '0',
      use_ssl: '1',
      default_hostgroup: '10',
      default_schema: "shop's",
      schema_locked: '1',
      transaction_persistent: '0',
      fast_forward: '1',
      max_connections: '7',
      comment: 'chester orders user',
    });
  });
});
