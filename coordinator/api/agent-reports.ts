import type { Ack__Output } from '../../proto/gen/chester/v1/Ack.ts';
import type { GroupReport__Output } from '../../proto/gen/chester/v1/GroupReport.ts';
import type { Report__Output } from '../../proto/gen/chester/v1/Report.ts';
import type { ServerReport__Output } from '../../proto/gen/chester/v1/ServerReport.ts';
import { cut } from './wire.ts';

/** How a group goes on at one proxy, as its agent last told. */
export type GroupState = Pick<
  GroupReport__Output,
  'removing' | 'warming' | 'cordoned' | 'unmanaged' | 'writerFallback'
>;

/** Kept of one agent: servers, groups, and entries of each of a group's lists. */
const serversMax = 5_000;
const groupsMax = 500;
const entriesMax = 100;
const detailMax = 300;

const nothing: GroupState = { removing: [], warming: [], cordoned: [], unmanaged: [], writerFallback: false };

/** What one agent last reported of its proxy, for people to see. */
export class AgentReports {
  readonly #servers = new Map<string, ServerReport__Output>();
  readonly #groups = new Map<string, GroupState>();
  #clientsConnected: number | null = null;

  get servers(): readonly ServerReport__Output[] {
    return [...this.#servers.values()];
  }

  /** Null when it was not reported yet. */
  get clientsConnected(): number | null {
    return this.#clientsConnected;
  }

  group(name: string): GroupState {
    return this.#groups.get(name) ?? nothing;
  }

  take(report: Report__Output): void {
    this.#clientsConnected = report.clientsConnected ?? this.#clientsConnected;
    for (const server of report.servers) {
      const id = `${server.hostgroup} ${server.hostname} ${server.port}`;
      if (server.status === 'ABSENT') this.#servers.delete(id);
      else if (this.#servers.size < serversMax) this.#servers.set(id, server);
    }
    for (const { group, ...state } of report.groups) this.#put(group, state);
  }

  /** An answer tells what drains, and nothing of the rest. */
  takeAck({ group, removing }: Pick<Ack__Output, 'group' | 'removing'>): void {
    this.#put(group, { ...this.group(group), removing });
  }

  /** The proxy's memory was rebuilt: what was told of the earlier one is void. */
  forgetGroups(): void {
    this.#groups.clear();
  }

  #put(group: string, { removing, warming, cordoned, unmanaged, writerFallback }: GroupState): void {
    if (!this.#groups.has(group) && this.#groups.size >= groupsMax) return;
    this.#groups.set(group, {
      removing: removing.slice(0, entriesMax).map(withShortDetail),
      warming: warming.slice(0, entriesMax).map(withShortDetail),
      cordoned: cordoned.slice(0, entriesMax),
      unmanaged: unmanaged.slice(0, entriesMax),
      writerFallback,
    });
  }
}

function withShortDetail<T extends { readonly detail: string }>(entry: T): T {
  return { ...entry, detail: cut(entry.detail, detailMax) };
}
