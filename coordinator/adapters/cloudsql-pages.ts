import type { CloudInstance, CloudListing } from '../core/cloud.ts';
import { type Body, digestOf, parseText, textOf } from './cloudsql-body.ts';
import { type Authority, type InstancesPage, parseInstancesPage } from './cloudsql-resources.ts';

/** One page of a listing, and by what it is known again; an empty digest: it is read anew the next time. */
export type ReadPage = InstancesPage & { readonly digest: string };

type Known = {
  readonly pages: readonly ReadPage[];
  readonly instances: readonly CloudInstance[];
  readonly authorities: ReadonlyMap<string, Authority>;
};

/** Beyond so many projects everything is forgotten: it costs one more reading of each. */
const projectsMax = 1000;
const nothing: Known = { pages: [], instances: [], authorities: new Map() };

/**
 * What the newest listing of each project was read as. Hardly a page changes from one look to the next, and to read one
 * with 500 instances takes as long as a look at a hundred groups. The answer itself is always a fresh one.
 */
export class KnownPages {
  readonly #projects = new Map<string, Known>();
  /** The bytes as which a page came last: packed once more, the same text may have others. */
  readonly #bytesOf = new WeakMap<ReadPage, string>();

  /**
   * Reads a page, the n-th of its listing.
   *
   * @throws {CoordinatorError} CLOUDSQL_INVALID naming the field, CLOUDSQL_UNAVAILABLE when it is no JSON object
   */
  read(project: string, index: number, body: Body): ReadPage {
    const { pages, authorities } = this.#knownOf(project);
    const known = pages[index];
    if (known !== undefined && this.#bytesOf.get(known) === body.digest) return known;
    const text = textOf(body);
    const digest = text === null ? '' : digestOf(text);
    const isKnown = known !== undefined && known.digest !== '' && known.digest === digest;
    return this.#note(isKnown ? known : readPage(text, digest, authorities), body);
  }

  /** Reads a page whose certificates were not known, with those that were asked for since. @throws as `read` */
  readWith(project: string, body: Body, asked: ReadonlyMap<string, Authority>): ReadPage {
    const known = this.#knownOf(project);
    const authorities = new Map([...known.authorities, ...asked]);
    this.#keep(project, { ...known, authorities });
    const text = textOf(body);
    return this.#note(readPage(text, text === null ? '' : digestOf(text), authorities), body);
  }

  /** Joins the pages of a listing. The same pages once more are the same instances once more. */
  join(project: string, pages: readonly ReadPage[]): CloudListing {
    const warnings = pages.flatMap((page) => page.warnings);
    const known = this.#knownOf(project);
    const isKnown = known.pages.length === pages.length && pages.every((page, index) => page === known.pages[index]);
    if (!isKnown) {
      const instances = pages.flatMap((page) => page.instances);
      const listed = new Set(instances.map(({ name }) => name));
      // What is not listed for once is asked for again when it is.
      const authorities = new Map([...known.authorities].filter(([name]) => listed.has(name)));
      this.#keep(project, { pages, instances, authorities });
    }
    return { instances: this.#knownOf(project).instances, isComplete: warnings.length === 0, warnings };
  }

  #note(page: ReadPage, { digest }: Body): ReadPage {
    if (page.digest !== '') this.#bytesOf.set(page, digest);
    return page;
  }

  #knownOf(project: string): Known {
    return this.#projects.get(project) ?? nothing;
  }

  #keep(project: string, known: Known): void {
    if (this.#projects.size >= projectsMax) this.#projects.clear();
    this.#projects.set(project, known);
  }
}

function readPage(text: string | null, digest: string, authorities: ReadonlyMap<string, Authority>): ReadPage {
  const page = parseInstancesPage(parseText(text), authorities);
  return { ...page, digest: page.lacksAuthority ? '' : digest };
}
