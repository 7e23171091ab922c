import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Capabilities } from '../core/capabilities.ts';
import type { Failure } from '../core/messages.ts';
import type { GroupTarget } from '../core/snapshot.ts';
import type { FleetTarget } from '../core/variables.ts';
import type { AgentMetrics, ModuleAdmin } from '../ports.ts';

export type SideModulesDeps = {
  readonly modules: ModuleAdmin;
  readonly metrics: Pick<AgentMetrics, 'driftRepaired'>;
  readonly clock: Clock;
  readonly log: Logger;
};

/** What this agent's proxy has to look like, and which of its boots this is about. */
export type SideDemand = {
  readonly proxyBoot: string;
  readonly targets: readonly GroupTarget[];
  readonly fleet: FleetTarget | null;
};

/** How users, rules and variables of one group, or of `fleet:NAME`, stand. */
export type SideOutcome = {
  /** Memory and runtime are both as wanted. */
  readonly isSettled: boolean;
  /** Why not. A permanent one ends the update: its rows are not tried again. */
  readonly failure: (Failure & { readonly isPermanent: boolean }) | null;
  /** Something was written in this run. */
  readonly hasChanged: boolean;
};

/** By group. */
export type SideOutcomes = ReadonlyMap<string, SideOutcome>;

/** What the applier calls for everything beside LOAD MYSQL SERVERS. */
export interface SideModulesApi {
  /** The proxy's tables and columns; one statement for each boot of the proxy. */
  capabilities(proxyBoot: string): Promise<Capabilities>;
  /** Says why a target can never be applied on this proxy, before anything of it is; `null`: nothing is known. */
  findRefusal(proxyBoot: string, target: GroupTarget): Promise<Failure | null>;
  /** Takes users and rules of removed groups out, before their servers go. Without removed groups no statement is sent. */
  withdraw(demand: SideDemand): Promise<SideOutcomes>;
  /** Makes users, rules and variables as wanted, after the servers are. No statement is sent when nothing asks for one. */
  converge(demand: SideDemand): Promise<SideOutcomes>;
}
