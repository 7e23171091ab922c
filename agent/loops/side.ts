import type { Failure } from '../core/messages.ts';
import type { GroupTarget } from '../core/snapshot.ts';
import { needsTlsParams } from '../core/tls-params.ts';
import type { FleetTarget } from '../core/variables.ts';
import type { CertificateFiles } from '../ports.ts';
import { type SideOutcome, SideModules, type SideModulesDeps } from './side-modules.ts';

/** Remembers, by target, how users, rules and variables stand, and which targets are known to be possible here. */
export class Side {
  readonly #modules: SideModules;
  readonly #files: Pick<CertificateFiles, 'folder'>;
  #outcomes = new Map<GroupTarget, SideOutcome>();
  #vetted = new WeakSet<GroupTarget['body']>();
  #vettedBoot = '';
  /** The groups' users and rules, and the fleet's variables. */
  #isWaiting = { groups: false, fleet: false };

  constructor(deps: SideModulesDeps & { readonly files: Pick<CertificateFiles, 'folder'> }) {
    this.#modules = new SideModules(deps);
    this.#files = deps.files;
  }

  /** Whether something of it has to be tried again soon. */
  get isWaiting(): boolean {
    return this.#isWaiting.groups || this.#isWaiting.fleet;
  }

  /** How a target's users and rules stood at the last look; `null`: not looked at. */
  outcome(target: GroupTarget): SideOutcome | null {
    return this.#outcomes.get(target) ?? null;
  }

  /** Finds targets that this proxy can never have, before anything of them is done; each is asked about once a boot. */
  async vet(
    proxyBoot: string,
    targets: readonly GroupTarget[],
  ): Promise<readonly { readonly target: GroupTarget; readonly failure: Failure }[]> {
    if (this.#vettedBoot !== proxyBoot) this.#vetted = new WeakSet();
    this.#vettedBoot = proxyBoot;
    const refused: { readonly target: GroupTarget; readonly failure: Failure }[] = [];
    for (const target of targets.filter(({ body }) => !this.#vetted.has(body))) {
      const failure = this.#findMissingFolder(target) ?? (await this.#modules.findRefusal(proxyBoot, target));
      if (failure === null) this.#vetted.add(target.body);
      else refused.push({ target, failure });
    }
    return refused;
  }

  /** Takes users and rules of removed groups out, before their servers go. */
  async withdraw(proxyBoot: string, targets: readonly GroupTarget[]): Promise<void> {
    if (targets.every(({ body }) => body.kind !== 'removed')) return;
    await this.#modules.withdraw({ proxyBoot, targets });
  }

  /** Makes users and rules as wanted. Returns whether anything was written. */
  async converge(proxyBoot: string, targets: readonly GroupTarget[]): Promise<boolean> {
    const found = await this.#modules.converge({ proxyBoot, targets, fleet: null });
    this.#outcomes = new Map(
      targets.flatMap((target) => {
        const outcome = found.get(target.group);
        return outcome === undefined ? [] : [[target, outcome] as const];
      }),
    );
    this.#isWaiting.groups = [...found.values()].some(isTriedAgain);
    return [...found.values()].some(({ hasChanged }) => hasChanged);
  }

  /** Makes the fleet's variables as wanted; returns how they stand. */
  async convergeFleet(proxyBoot: string, fleet: FleetTarget | null): Promise<SideOutcome | null> {
    const found = await this.#modules.converge({ proxyBoot, targets: [], fleet });
    const outcome = found.get(fleet?.group ?? '') ?? null;
    this.#isWaiting.fleet = outcome !== null && isTriedAgain(outcome);
    return outcome;
  }

  /** Notes what would be changed for targets in shadow; returns it for the fleet's variables. */
  async preview(
    proxyBoot: string,
    targets: readonly GroupTarget[],
    fleet: FleetTarget | null,
  ): Promise<readonly string[]> {
    if (targets.length === 0 && fleet === null) return [];
    const found = await this.#modules.preview({ proxyBoot, targets, fleet });
    for (const target of targets) {
      const differences = found.get(target.group) ?? [];
      this.#outcomes.set(target, { isSettled: false, failure: null, hasChanged: false, differences });
    }
    return fleet === null ? [] : (found.get(fleet.group) ?? []);
  }

  #findMissingFolder({ body }: GroupTarget): Failure | null {
    if (this.#files.folder !== null || !needsTlsParams(body)) return null;
    return {
      code: 'TLS_DIR_MISSING',
      message: 'the group has certificates, and TLS_DIR does not say in which folder ProxySQL finds them',
    };
  }
}

function isTriedAgain({ failure }: SideOutcome): boolean {
  return failure?.isPermanent === false;
}
