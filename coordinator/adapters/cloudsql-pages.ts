import type { CloudInstance, CloudListing } from '../core/cloud.ts';
import { type Body, parseBody } from './cloudsql-body.ts';
import { type InstancesPage, parseInstancesPage } from './cloudsql-resources.ts';

/** One page of a listing, and by what it is known again. */
export type ReadPage = InstancesPage & { readonly digest: string };

type Known = { readonly pages: readonly ReadPage[]; readonly instances: readonly CloudInstance[] };

/** Beyond so many projects everything is forgotten: it costs one more reading of each. */
const projectsMax = 1000;

/**
 * What the newest listing of each project was read as. Hardly a page changes from one look to the next, and to read one
 * with 500 instances takes as long as a look at a hundred groups. The answer itself is always a fresh one.
 */
export class KnownPages {
  readonly #projects = new Map<string, Known>();

  /**
   * Reads a page, the n-th of its listing.
   *
   * @throws {CoordinatorError} CLOUDSQL_INVALID naming the field, CLOUDSQL_UNAVAILABLE when it is no JSON object
   */
  read(project: string, index: number, body: Body): ReadPage {
    const { digest } = body;
    const known = this.#projects.get(project)?.pages[index];
    return known?.digest === digest ? known : { ...parseInstancesPage(parseBody(body)), digest };
  }

  /** Joins the pages of a listing. The same pages once more are the same instances once more. */
  join(project: string, pages: readonly ReadPage[]): CloudListing {
    const warnings = pages.flatMap((page) => page.warnings);
    const known = this.#projects.get(project);
    const isKnown = known?.pages.length === pages.length && pages.every((page, index) => page === known.pages[index]);
    const instances = isKnown ? known.instances : pages.flatMap((page) => page.instances);
    if (this.#projects.size >= projectsMax) this.#projects.clear();
    this.#projects.set(project, { pages, instances });
    return { instances, isComplete: warnings.length === 0, warnings };
  }
}
