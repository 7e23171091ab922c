import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AgentReports } from '../../../coordinator/api/agent-reports.ts';
import { readAgentMessage, type ReportMessage } from '../../../coordinator/api/report-bytes.ts';
import type { AgentMessage } from '../../../proto/gen/chester/v1/AgentMessage.ts';
import type { AgentMessage__Output } from '../../../proto/gen/chester/v1/AgentMessage.ts';
import type { Report } from '../../../proto/gen/chester/v1/Report.ts';
import { loadChesterV1 } from '../../../proto/load.ts';
import { fc } from '../../properties.ts';

const { Connect } = loadChesterV1().AgentService.service;
const encode = Connect.requestSerialize as (message: AgentMessage) => Buffer;
const decode = Connect.requestDeserialize as (bytes: Buffer) => AgentMessage__Output;

function read(bytes: Buffer): ReportMessage {
  const { report } = readAgentMessage(bytes, decode);
  assert(report);
  return report;
}

const counter = fc.oneof(fc.nat(300), fc.constant(2 ** 40), fc.constant(Number.MAX_SAFE_INTEGER));
const server = fc.record(
  {
    hostgroup: fc.constantFrom(0, 10, 2 ** 31),
    hostname: fc.constantFrom('10.0.0.1', '10.0.0.2', 'größer', ''),
    port: fc.constantFrom(3306, 3307),
    status: fc.constantFrom('ONLINE', 'ONLINE', 'SHUNNED', 'ABSENT'),
    connUsed: fc.nat(5),
    connFree: fc.nat(5),
    connErr: counter,
    queries: counter,
    latencyMicros: counter,
    lagMs: counter,
  },
  { requiredKeys: ['hostname', 'port', 'status', 'queries'] },
);
const group = { group: 'orders', revision: 3, removing: [{ hostname: 'gone', port: 3306 }], writerFallback: true };
const report: fc.Arbitrary<Report> = fc.record(
  {
    servers: fc.array(server, { maxLength: 4 }),
    groups: fc.constantFrom([], [group]),
    proxyBoot: fc.constantFrom('', 'boot'),
    clientsConnected: fc.nat(3),
  },
  { requiredKeys: [] },
);
/** A few reports that come again and again with other counters, and in turns. */
const told = fc
  .tuple(
    fc.array(fc.oneof(report, fc.constantFrom(named('10.0.0.1'), named('10.0.0.2'))), { minLength: 1, maxLength: 3 }),
    fc.array(fc.record({ which: fc.nat(2), queries: counter, isAsked: fc.nat(4) }), { maxLength: 12 }),
  )
  .map(([reports, steps]) =>
    steps.map(({ which, queries, isAsked }) => {
      const one = reports[which % reports.length] ?? {};
      const servers = one.servers?.map((it) => ({ ...it, queries })) ?? [];
      return { report: { ...one, servers }, isAsked: isAsked === 0 };
    }),
  );

function named(hostname: string): Report {
  return { servers: [{ hostname, port: 3306, status: 'ONLINE' }] };
}

describe('AgentReports', () => {
  it('shows of servers that stayed bytes what it shows of servers that were decoded at once', () => {
    fc.assert(
      fc.property(told, (steps) => {
        const [lazy, eager] = [new AgentReports(), new AgentReports()];
        for (const [index, step] of steps.entries()) {
          const bytes = encode({ report: step.report });
          const atMs = 1000 * (index + 1);
          lazy.take(read(bytes), atMs);
          eager.take(decode(bytes).report!, atMs);
          if (step.isAsked) assert.deepEqual(shown(lazy), shown(eager));
        }
        assert.deepEqual(shown(lazy), shown(eager));
      }),
    );
  });

  it('leaves servers unread that are reported again and again', () => {
    const { reports, take } = reporting(20);
    for (let times = 0; times < 5; times += 1) assert(take(times * 10).serverBytes);
    assert.deepEqual(
      reports.servers.map(({ queriesPerSecond }) => queriesPerSecond),
      new Array<number>(20).fill(10),
    );
  });

  it('tells servers apart of which one has a name that the name of the other begins with', () => {
    const reports = new AgentReports();
    for (const [index, port] of [{}, { port: 3306 }, { port: 3306 }, { port: 3306 }].entries()) {
      const one = read(encode({ report: { servers: [{ hostname: 'a', ...port, queries: 5 }] } }));
      assert(one.serverBytes);
      reports.take(one, 1000 * (index + 1));
    }
    assert.deepEqual(
      reports.servers.map(({ port }) => port),
      [0, 3306],
    );
  });

  it('keeps its own copy: the bytes of a report are those of what is read next', () => {
    const reports = new AgentReports();
    const bytes = encode({ report: { servers: [{ hostname: 'a', port: 3306, status: 'ONLINE', queries: 5 }] } });
    reports.take(read(bytes), 1000);
    bytes.fill(0xff);
    assert.deepEqual(
      reports.servers.map(({ hostname, queries }) => [hostname, queries]),
      [['a', 5]],
    );
  });

  it('refuses bytes that are no report as soon as they come', () => {
    const bytes = encode({
      report: { servers: [{ hostname: 'some-host', port: 3306, status: 'ONLINE', queries: 5 }] },
    });
    assert.throws(() => readAgentMessage(bytes.subarray(0, bytes.length - 1), decode));
    assert.throws(() => readAgentMessage(bytes.subarray(0, 6), decode));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const broken = Buffer.from(bytes);
        broken[at] = byte;
        assert.equal(
          outcome(() => whole(broken)),
          outcome(() => decode(broken)),
        );
      }),
    );
  });
});

function reporting(count: number) {
  const reports = new AgentReports();
  const take = (queries: number): ReportMessage => {
    const servers = Array.from({ length: count }, (_, index) => ({
      hostname: `h${index}`,
      port: 3306,
      status: 'ONLINE',
      queries,
    }));
    const one = read(encode({ report: { servers } }));
    reports.take(one, 1000 + queries * 100);
    return one;
  };
  return { reports, take };
}

/** The message as it is after its servers were read. */
function whole(bytes: Buffer): AgentMessage__Output {
  const message = readAgentMessage(bytes, decode);
  const reports = new AgentReports();
  if (message.report) reports.take(message.report, 1);
  assert.doesNotThrow(() => reports.servers);
  return message;
}

function outcome(act: () => unknown): string {
  try {
    act();
    return 'taken';
  } catch {
    return 'refused';
  }
}

function shown(reports: AgentReports) {
  const { servers, clientsConnected } = reports;
  return {
    servers: servers.map((one) => ({ ...one, _lagMs: undefined })),
    clientsConnected,
    group: reports.group('orders'),
  };
}
