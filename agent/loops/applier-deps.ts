import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { GroupStanding } from '../core/session.ts';
import type { AgentMetrics, CertificateFiles, Entropy, ModuleAdmin, ProxyAdmin } from '../ports.ts';
import type { Keeper } from './keeper.ts';
import type { LoadTurnOptions } from './load-turn.ts';
import type { ProxyWatch } from './proxy-watch.ts';

export type ApplierDeps = {
  readonly admin: ProxyAdmin;
  readonly modules: ModuleAdmin;
  readonly files: CertificateFiles;
  readonly watch: ProxyWatch;
  readonly keeper: Pick<Keeper, 'keep' | 'keepSoon' | 'keepFleet'>;
  readonly entropy: Entropy;
  readonly metrics: AgentMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
};

export type ApplierListener = {
  /** A group was looked at. `isMoved`: what drains, is gone or unmanaged differs from the time before. */
  readonly stands: (standing: GroupStanding, isMoved: boolean) => void;
  /** ProxySQL's memory was rebuilt: what was reported before is void. */
  readonly rebuilt: () => void;
  /** The proxy is not this agent's to manage, or is again: nothing that was said about it holds any more. */
  readonly handedOver: (reason: string) => void;
  /** Whether a coordinator is there that knows the group, and has sent all it had. */
  readonly isFollowed: (group: string) => boolean;
  /** Groups are served without their owned servers: what was told of them as known does not hold. */
  readonly leftOut: () => void;
};

export type ApplierOptions = LoadTurnOptions & {
  readonly saveToDisk: boolean;
  /** How long after a coordinator's last word a rebuilt proxy still gets owned servers. */
  readonly lastKnownGoodMaxAgeMs: number;
  /** Every group is in shadow, and so are the fleet's variables: nothing is written. */
  readonly isShadow?: boolean;
};

const nothing = (): void => undefined;
/** For as long as nobody listens. */
export const noListener: ApplierListener = {
  stands: nothing,
  rebuilt: nothing,
  handedOver: nothing,
  isFollowed: () => false,
  leftOut: nothing,
};
