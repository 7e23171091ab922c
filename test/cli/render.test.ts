import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RenderStyle, renderEvent, renderStatus, type Status, statusJson } from '../../cli/render.ts';
import { proxyRows, renderProxies } from '../../cli/render-proxies.ts';
import { renderJson } from '../../cli/json.ts';

const nowMs = 1_700_000_000_000;
const style: RenderStyle = { width: null, hasColour: false, nowMs };
const nothing: Status = { groups: [], agents: [], incidents: [], setAside: [] };

const group: Status['groups'][number] = {
  spec: {
    name: 'orders',
    fleet: 'main',
    project: 'demo',
    primary: 'orders-primary',
    port: 3306,
    _port: 'port',
    staticReaders: [],
    serverDefaults: null,
    policy: null,
    gate: null,
    template: null,
    agents: null,
    hostgroupAttributes: null,
    users: [],
    ruleIds: null,
    queryRules: [],
    clientCertificateSecret: '',
    clientKeySecret: '',
    deadlines: null,
  },
  version: 4,
  desired: 2,
  desiredReason: 'MANUAL try it',
  holds: [{ subject: 'orders-ro-1', reason: 'SESSIONS', message: 'sessions of app', sinceMs: nowMs - 5000 }],
  decision: 'STEADY',
  revision: 12,
  hash: 'h',
  replicas: [
    {
      name: 'r1',
      state: 'serving',
      address: '127.20.0.4',
      reason: 'GATED',
      sinceMs: nowMs - 12_000,
      outstandingVoters: [],
    },
    {
      name: 'r2',
      state: 'draining',
      address: '127.20.0.5',
      reason: 'SCALE_IN',
      sinceMs: nowMs - 180_000,
      outstandingVoters: ['p-0', 'p-1'],
    },
    { name: 'r3', state: 'creating', address: '', reason: '', sinceMs: nowMs - 7_200_000, outstandingVoters: [] },
  ],
  agentsConverged: 2,
  agentsTotal: 3,
  primaryAddress: '127.20.0.2',
  agentNotices: [],
  cordons: [],
  scalingDecision: null,
  scaleOutPause: null,
  scaleInPause: null,
  scaleOverride: null,
  live: null,
  drains: [],
};

const calm = { removing: [], warming: [], cordoned: [], unmanaged: [], writerFallback: false, lastNack: null };
const agent: Status['agents'][number] = {
  agentId: 'p-0',
  fleet: 'main',
  cell: 'west',
  coordinator: '',
  connected: true,
  proxysqlVersion: '3.0.6',
  proxyBoot: 'b',
  bootId: 'a',
  lastSeenMs: nowMs - 1000,
  groups: [
    { ...calm, group: 'orders', revision: 12, state: 'APPLIED', errorCode: '', errorMessage: '' },
    {
      ...calm,
      group: 'users',
      revision: 3,
      state: 'REJECTED',
      errorCode: 'FOREIGN_PENDING',
      errorMessage: 'row 7\nis not ours',
    },
  ],
  servers: [],
  refusal: null,
};
const gone: typeof agent = {
  ...agent,
  agentId: 'p-9',
  connected: false,
  proxysqlVersion: '',
  lastSeenMs: 0,
  groups: [],
};

const setAside = Array.from({ length: 7 }, (_, index) => ({
  id: `m${index}`,
  source: 'webhook',
  reason: 'NOT_JSON',
  receivedAtMs: nowMs - index * 1000,
  excerpt: '{"a',
  times: 1,
  bytes: 2,
  text: '',
}));

describe('renderStatus', () => {
  it('says where there is nothing', () => {
    assert.equal(
      renderStatus(nothing, style),
      'GROUPS\nnone\n\nREPLICAS\nnone\n\nAGENTS\nnone\n\nOPEN INCIDENTS\nnone\n',
    );
  });

  it('shows groups with what they want, have and decided', () => {
    assert.deepEqual(linesOf({ ...nothing, groups: [group] }, 'GROUPS'), [
      'GROUP   FLEET  DESIRED  SERVING  REVISION  CONVERGED  PRIMARY     DESIRED BY     DECISION',
      'orders  main   2        1        12        2/3        127.20.0.2  MANUAL try it  STEADY',
    ]);
  });

  it('shows replicas with state, address, age, reason and whom they wait for', () => {
    assert.deepEqual(linesOf({ ...nothing, groups: [group] }, 'REPLICAS'), [
      'GROUP   REPLICA  STATE     ADDRESS     AGE  REASON    OUTSTANDING',
      'orders  r1       serving   127.20.0.4  12s  GATED     -',
      'orders  r2       draining  127.20.0.5  3m   SCALE_IN  p-0,p-1',
      'orders  r3       creating  -           2h   -         -',
    ]);
  });

  it('shows agents a line a group, and those that are away', () => {
    assert.deepEqual(linesOf({ ...nothing, agents: [agent, gone] }, 'AGENTS'), [
      'AGENT  FLEET  CELL  CONNECTED  PROXYSQL  CLIENTS  SEEN  GROUP   REVISION  STATE     ERROR',
      'p-0    main   west  yes        3.0.6     -        1s    orders  12        APPLIED   -',
      'p-0    main   west  yes        3.0.6     -        1s    users   3         REJECTED  FOREIGN_PENDING: row 7 is not ours',
      'p-9    main   west  no         -         -        -     -       -         -         -',
    ]);
  });

  it('shows how many clients a proxy has, and an agent that keeps its hands off its proxy', () => {
    const refusal = { code: 'OTHER_AGENT', message: 'agent p-0 manages this ProxySQL' };
    const refused = { ...agent, agentId: 'p-1', groups: [], clientsConnected: 7, refusal };
    assert.deepEqual(linesOf({ ...nothing, agents: [refused] }, 'AGENTS'), [
      'AGENT  FLEET  CELL  CONNECTED  PROXYSQL  CLIENTS  SEEN  GROUP  REVISION  STATE    ERROR',
      'p-1    main   west  yes        3.0.6     7        1s    -      -         REFUSED  OTHER_AGENT: agent p-0 manages this ProxySQL',
    ]);
  });

  it('shows what agents tell besides their answers, once for all proxies', () => {
    const agentNotices = [
      { state: 'WRITER_FALLBACK', subject: '', agents: 1, agentIds: ['p-0'], detail: 'no reader is ONLINE' },
      { state: 'WARMING', subject: '10.0.0.7:3306', agents: 12, agentIds: ['p-0', 'p-1'], detail: 'ping:\nrefused' },
    ];
    assert.deepEqual(linesOf({ ...nothing, groups: [{ ...group, agentNotices }] }, 'ON PROXIES'), [
      'GROUP   STATE            WHAT           AGENTS                DETAIL',
      'orders  WRITER_FALLBACK  -              p-0                   no reader is ONLINE',
      'orders  WARMING          10.0.0.7:3306  p-0, p-1 and 10 more  ping: refused',
    ]);
  });

  it('shows the newest five of the messages set aside, and how many there are', () => {
    const lines = linesOf({ ...nothing, setAside }, 'SET ASIDE (newest 5 of 7)');
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      ['MESSAGE', 'm0', 'm1', 'm2', 'm3', 'm4'],
    );
  });

  it('fits a terminal', () => {
    const text = renderStatus({ ...nothing, groups: [group], agents: [agent], setAside }, { ...style, width: 80 });
    assert.deepEqual(
      text.split('\n').filter((line) => line.length > 80),
      [],
    );
    assert.match(text, /…/);
  });
});

describe('proxyRows', () => {
  it('lists what is not the rule on each proxy', () => {
    const server = { hostname: '10.0.0.7', port: 3306 };
    const state = {
      writerFallback: true,
      warming: [{ ...server, detail: 'no ping yet' }],
      cordoned: [{ ...server, hostgroup: 10, status: 'OFFLINE_SOFT', expiresAtMs: nowMs + 600_000 }],
      removing: [
        { ...server, connUsed: 3, reason: 'PINNED', detail: 'GET_LOCK of app' },
        { ...server, connUsed: 0, reason: 'DRAINING', detail: '' },
      ],
      unmanaged: [server],
    };
    const told = { ...agent, groups: [{ ...agent.groups[0]!, ...state }] };
    assert.deepEqual(
      renderProxies(proxyRows([told], style), style)
        .trimEnd()
        .split('\n'),
      [
        'AGENT  GROUP   STATE            SERVER            DETAIL',
        'p-0    orders  WRITER_FALLBACK  -                 -',
        'p-0    orders  WARMING          10.0.0.7:3306     no ping yet',
        'p-0    orders  CORDONED         10 10.0.0.7:3306  OFFLINE_SOFT, 10m left',
        'p-0    orders  PINNED           10.0.0.7:3306     3 connections in use: GET_LOCK of app',
        'p-0    orders  DRAINING         10.0.0.7:3306     0 connections in use',
        'p-0    orders  UNMANAGED        10.0.0.7:3306     -',
      ],
    );
    assert.deepEqual(proxyRows([agent, gone], style), []);
  });
});

describe('statusJson', () => {
  it('counts and cuts what was set aside, and has no marks of the wire', () => {
    const answer: unknown = JSON.parse(renderJson(statusJson({ ...nothing, groups: [group], setAside })));
    const {
      setAsideCount,
      setAside: shown,
      groups,
    } = answer as { setAsideCount: number; setAside: []; groups: [{ serving: number; spec: object }] };
    assert.equal(setAsideCount, 7);
    assert.equal(shown.length, 5);
    assert.equal(groups[0].serving, 1);
    assert.deepEqual(
      Object.keys(groups[0].spec).filter((name) => name.startsWith('_')),
      [],
    );
  });
});

const event = {
  sequence: 7,
  atMs: nowMs,
  group: 'orders',
  kind: 'ALARM',
  subject: 'r1',
  reason: 'NOT_OURS',
  message: '',
};
const eventCases = [
  { name: 'one line', event, hasColour: false, expected: '2023-11-14T22:13:20.000Z  #7  orders  ALARM  r1  NOT_OURS' },
  {
    name: 'its message on the same line',
    event: { ...event, message: 'a\nb' },
    hasColour: false,
    expected: '2023-11-14T22:13:20.000Z  #7  orders  ALARM  r1  NOT_OURS  a b',
  },
  {
    name: 'a dash for what it does not have',
    event: { ...event, group: '', subject: '', reason: '', message: 'm' },
    hasColour: false,
    expected: '2023-11-14T22:13:20.000Z  #7  -  ALARM  -  -  m',
  },
  {
    name: 'its kind in colour',
    event,
    hasColour: true,
    expected: '2023-11-14T22:13:20.000Z  #7  orders  \u001b[31mALARM\u001b[0m  r1  NOT_OURS',
  },
] as const;

describe('renderEvent', () => {
  for (const { name, event: input, hasColour, expected } of eventCases) {
    it(`renders ${name}`, () => {
      assert.equal(renderEvent(input, { hasColour }), expected);
    });
  }
});

/** The lines of one section. */
function linesOf(status: Status, title: string): string[] {
  const section = renderStatus(status, style)
    .split('\n\n')
    .find((text) => text.startsWith(`${title}\n`));
  return (section ?? '').trimEnd().split('\n').slice(1);
}
