import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderHostgroupAttributes } from '../../../coordinator/core/hostgroup-attributes.ts';
import { groupSpec } from '../builders.ts';
import { itNamesBadFields } from './bad-fields.ts';

const reader = (change: object) => ({ hostgroupAttributes: { reader: change } });
const path = 'hostgroupAttributes.reader';

describe('hostgroup attributes of a group', () => {
  itNamesBadFields([
    ['hostgroupAttributes.offline', { hostgroupAttributes: { offline: {} } }, '{}', /no such field/],
    ['hostgroupAttributes.writer', { hostgroupAttributes: { writer: 1 } }, '1', /an object/],
    [`${path}.freeConnectionsPct`, reader({ freeConnectionsPct: 101 }), '101', /at most 100/],
    [`${path}.throttleConnectionsPerSec`, reader({ throttleConnectionsPerSec: 0 }), '0', /at least 1/],
    [`${path}.autocommit`, reader({ autocommit: 1 }), '1', /a boolean/],
    [`${path}.ignoreSessionVariables.0`, reader({ ignoreSessionVariables: ['a b'] }), '"a b"', /a session variable/],
    [`${path}.hostgroupSettings`, reader({ hostgroupSettings: '[1]' }), '"[1]"', /a JSON object/],
    [`${path}.hostgroupSettings`, reader({ hostgroupSettings: 'null' }), '"null"', /a JSON object/],
    [`${path}.serversDefaults`, reader({ serversDefaults: '{' }), '"{"', /a JSON object/],
    [`${path}.maxNumOnlineServers`, reader({ maxNumOnlineServers: 0 }), '0', /at least 1/],
    [`${path}.maxNumOnlineServers`, reader({ maxNumOnlineServers: 3 }), '3', /at least 4: .* sends queries to none/],
    [
      `${path}.maxNumOnlineServers`,
      {
        ...reader({ maxNumOnlineServers: 7 }),
        policy: { replicasMax: 5 },
        staticReaders: [{ hostname: 'a' }, { hostname: 'b' }],
      },
      '7',
      /at least 8/,
    ],
  ]);

  it('takes a limit that the group cannot exceed', () => {
    groupSpec({ hostgroupAttributes: { reader: { maxNumOnlineServers: 4 }, writer: { maxNumOnlineServers: 1 } } });
  });
});

describe('renderHostgroupAttributes', () => {
  it('has no row for a hostgroup that declares nothing', () => {
    assert.deepEqual(renderHostgroupAttributes(groupSpec()), []);
  });

  it("renders ProxySQL's defaults", () => {
    assert.deepEqual(renderHostgroupAttributes(groupSpec({ hostgroupAttributes: { writer: {} } })), [
      {
        hostgroup_id: '5',
        max_num_online_servers: '1000000',
        autocommit: '-1',
        free_connections_pct: '10',
        init_connect: '',
        multiplex: '1',
        connection_warming: '0',
        throttle_connections_per_sec: '1000000',
        ignore_session_variables: '',
        hostgroup_settings: '',
        servers_defaults: '',
        comment: 'chester orders attributes',
      },
    ]);
  });

  it('renders what was declared, JSON without its blanks', () => {
    const attributes = {
      maxNumOnlineServers: 50,
      autocommit: false,
      freeConnectionsPct: 0,
      initConnect: "SET @a='b'",
      multiplex: false,
      connectionWarming: true,
      throttleConnectionsPerSec: 9,
      ignoreSessionVariables: ['sql_big_result', 'b'],
      hostgroupSettings: '{ "handle_warnings": 0 }',
      serversDefaults: '{"weight": 5}',
    };
    const spec = groupSpec({ hostgroupAttributes: { writer: {}, reader: attributes } });
    assert.deepEqual(renderHostgroupAttributes(spec)[1], {
      hostgroup_id: '10',
      max_num_online_servers: '50',
      autocommit: '0',
      free_connections_pct: '0',
      init_connect: "SET @a='b'",
      multiplex: '0',
      connection_warming: '1',
      throttle_connections_per_sec: '9',
      ignore_session_variables: '["sql_big_result","b"]',
      hostgroup_settings: '{"handle_warnings":0}',
      servers_defaults: '{"weight":5}',
      comment: 'chester orders attributes',
    });
  });
});
