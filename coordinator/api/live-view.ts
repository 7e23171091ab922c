import type { LiveInstance } from '../../proto/gen/chester/v1/LiveInstance.ts';
import type { LiveView } from '../../proto/gen/chester/v1/LiveView.ts';
import { type Clock, sleep } from '../../process/clock.ts';
import type { CloudInstance, CloudListing } from '../core/cloud.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import { CoordinatorError } from '../errors.ts';
import type { CloudListings } from '../ports.ts';

/** What Cloud SQL said of a project last, and what became of asking it now. */
export type ProjectView = {
  readonly listing: CloudListing | null;
  readonly ageMs: number | null;
  /** Empty: nothing is wrong. */
  readonly problem: string;
};

type Lane = { last: { readonly listing: CloudListing; readonly atMs: number } | null; asking: Promise<string> | null };

/** Looks are for people: a list of this age will do, and leaves the scaler its share of what a project allows. */
const freshMs = 10_000;
/** So long a look waits for Cloud SQL; then it shows what was known before. */
const patienceMs = 1500;
const projectsMax = 10_000;

/**
 * Projects as Cloud SQL lists them, for looks. One project that cannot be asked delays no other, and its own look by a
 * moment only: what was known of it is shown with its age and what is wrong.
 */
export class LiveProjects {
  readonly #deps: { readonly cloud: CloudListings; readonly clock: Clock };
  readonly #lanes = new Map<string, Lane>();

  constructor(deps: { readonly cloud: CloudListings; readonly clock: Clock }) {
    this.#deps = deps;
  }

  async view(project: string): Promise<ProjectView> {
    const { clock } = this.#deps;
    const lane = this.#laneOf(project);
    let problem = '';
    if (lane.last === null || clock.monotonicMs() - lane.last.atMs >= freshMs) {
      const waiting = new AbortController();
      const patience = sleep(clock, patienceMs, waiting.signal).then(
        () => `Cloud SQL has not answered for ${patienceMs} ms`,
      );
      problem = await Promise.race([this.#ask(project, lane), patience]);
      waiting.abort();
    }
    const { last } = lane;
    if (last === null) return { listing: null, ageMs: null, problem };
    const partial = last.listing.isComplete ? '' : `the list is incomplete: ${last.listing.warnings.join('; ')}`;
    const ageMs = Math.max(0, Math.round(clock.monotonicMs() - last.atMs));
    return { listing: last.listing, ageMs, problem: problem === '' ? partial : problem };
  }

  /** One question at a time; resolves with what is wrong. */
  #ask(project: string, lane: Lane): Promise<string> {
    lane.asking ??= this.#deps.cloud
      .listing(project)
      .then(
        (listing) => {
          lane.last = { listing, atMs: this.#deps.clock.monotonicMs() };
          return '';
        },
        (error: unknown) => {
          if (error instanceof CoordinatorError) return error.message;
          throw error;
        },
      )
      .finally(() => {
        lane.asking = null;
      });
    return lane.asking;
  }

  #laneOf(project: string): Lane {
    const known = this.#lanes.get(project);
    if (known !== undefined) return known;
    const lane = { last: null, asking: null };
    if (this.#lanes.size >= projectsMax) this.#lanes.clear();
    this.#lanes.set(project, lane);
    return lane;
  }
}

/** Renders what of a project is a group's: its primary, and the replicas of that. */
export function renderLive(spec: GroupSpec, install: string, { listing, ageMs, problem }: ProjectView): LiveView {
  const instances = (listing?.instances ?? [])
    .filter(({ name, primary }) => name === spec.primary || primary === spec.primary)
    .map((instance) => renderInstance(instance, spec, install));
  return { ...(ageMs === null ? {} : { ageMs }), problem, instances };
}

function renderInstance(instance: CloudInstance, spec: GroupSpec, install: string): LiveInstance {
  const { name, state, isStopped, labels, shape } = instance;
  return {
    name,
    state: isStopped ? 'STOPPED' : state,
    role: name === spec.primary ? 'primary' : 'replica',
    tier: shape.tier,
    zone: instance.zone ?? '',
    address: instance.address ?? '',
    owned: labels['chester-install'] === install && labels['chester-group'] === spec.name,
    databaseVersion: shape.databaseVersion,
  };
}
