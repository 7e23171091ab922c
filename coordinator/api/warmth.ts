import type { PublishedSnapshot } from '../core/snapshot.ts';
import type { ReaderWarmth } from '../ports.ts';
import type { AgentStream } from './agent-stream.ts';

/** Tells from the agents' streams which servers of a snapshot most of its proxies do not serve yet. */
export class StreamWarmth implements ReaderWarmth {
  readonly #agents: () => readonly AgentStream[];

  constructor(agents: () => readonly AgentStream[]) {
    this.#agents = agents;
  }

  warming(snapshot: PublishedSnapshot): readonly string[] {
    const agents = this.#agents().filter(
      ({ identity, refusal }) => identity.fleet === snapshot.fleet && refusal === null,
    );
    const isCold = (agent: AgentStream, hostname: string) =>
      !agent.runs(snapshot) ||
      agent.reports.group(snapshot.group).warming.some((server) => server.hostname === hostname);
    const hostnames = [...new Set(snapshot.servers.map(({ hostname }) => hostname))];
    return hostnames.filter((hostname) => agents.filter((agent) => isCold(agent, hostname)).length * 2 > agents.length);
  }
}
