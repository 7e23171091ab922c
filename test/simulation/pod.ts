import type { FakeModules } from '../agent/fakes/fake-modules.ts';
import type { AgentDisk, AgentProcess } from './agent-process.ts';
import type { SimProxy } from './sim-proxy.ts';

/** A pod: a ProxySQL, and the agent beside it, one life after the other. */
export type Pod = {
  readonly name: string;
  /** Its agent reaches the coordinators of this cell alone. */
  readonly cell: string;
  readonly proxy: SimProxy;
  /** Its tables beside the servers; `null`: nobody has anything in them. */
  readonly modules: FakeModules | null;
  readonly disk: AgentDisk;
  /** By how much its machine's wall clock is wrong. */
  skewMs: number;
  agent: AgentProcess | null;
  lives: number;
};

/** The pod of an agent's process: its lives are numbered. */
export function podOf(process: string): string {
  return process.replace(/-\d+$/, '');
}
