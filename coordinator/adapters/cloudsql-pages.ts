import type { CloudInstance, CloudListing } from '../core/cloud.ts';
import { isSameJson } from '../core/same-json.ts';
import { type Body, parseText, unpack } from './cloudsql-body.ts';
import {
  type Authority,
  joinInstances,
  type ListedInstance,
  type PageFrame,
  parseFrame,
  parseInstance,
  parseInstances,
} from './cloudsql-resources.ts';
import { type Piece, type PieceReader, splitItems } from './json-items.ts';

/** One page of a listing. */
export type ReadPage = PageFrame & {
  readonly listed: readonly ListedInstance[];
  /** Whether it names certificates that are not known, or not by a fingerprint. */
  readonly lacksAuthority: boolean;
  /** By what its instances are known again; none: they are read anew the next time. */
  readonly pieces: readonly Piece<ListedInstance>[];
};

type Known = {
  readonly pages: readonly ReadPage[];
  readonly instances: readonly CloudInstance[];
  readonly authorities: ReadonlyMap<string, Authority>;
};

/** Beyond so many projects everything is forgotten: it costs one more reading of each. */
const projectsMax = 1000;
const nothing: Known = { pages: [], instances: [], authorities: new Map() };

/**
 * What the newest listing of each project was read as. Hardly a page changes from one look to the next, and of one that
 * does hardly an instance: to read 500 takes as long as a look at a hundred groups. The answer itself is always a fresh
 * one.
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
    const known = pages[index] ?? null;
    if (known !== null && this.#bytesOf.get(known) === body.digest) return known;
    return this.#note(readPage(unpack(body), known, authorities), body);
  }

  /** Reads a page whose certificates were not known, with those that were asked for since. @throws as `read` */
  readWith(project: string, body: Body, asked: ReadonlyMap<string, Authority>): ReadPage {
    const known = this.#knownOf(project);
    const authorities = new Map([...known.authorities, ...asked]);
    this.#keep(project, { ...known, authorities });
    return this.#note(readPage(unpack(body), null, authorities), body);
  }

  /** Joins the pages of a listing. The same pages once more are the same instances once more. */
  join(project: string, pages: readonly ReadPage[]): CloudListing {
    const warnings = pages.flatMap((page) => page.warnings);
    const known = this.#knownOf(project);
    const isKnown = known.pages.length === pages.length && pages.every((page, index) => page === known.pages[index]);
    if (!isKnown) {
      const instances = joinInstances(pages.flatMap((page) => page.listed));
      this.#keep(project, { pages, instances, authorities: ofListed(known.authorities, instances) });
    }
    return { instances: this.#knownOf(project).instances, isComplete: warnings.length === 0, warnings };
  }

  #note(page: ReadPage, { digest }: Body): ReadPage {
    if (!page.lacksAuthority) this.#bytesOf.set(page, digest);
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

/** What is not listed any more is forgotten, but for as many as there are instances without. */
function ofListed(
  authorities: ReadonlyMap<string, Authority>,
  instances: readonly CloudInstance[],
): ReadonlyMap<string, Authority> {
  if (authorities.size <= instances.length) return authorities;
  const listed = new Set(instances.map(({ name }) => name));
  return new Map([...authorities].filter(([name]) => listed.has(name)));
}

/** Reads what is new of a page. What is the same as before, however it was packed, is the page before. */
function readPage(text: Buffer | null, known: ReadPage | null, authorities: ReadonlyMap<string, Authority>): ReadPage {
  const split = text === null ? null : splitItems(text, known?.pieces ?? [], readerWith(authorities));
  if (split === null) {
    const page = parseText(text);
    return pageOf(parseFrame(page), parseInstances(page, authorities), []);
  }
  const frame = parseFrame(split.rest);
  // One that was read as a whole has instances, and no pieces.
  const isKnown = known !== null && split.isKnown && known.listed.length === split.pieces.length;
  if (isKnown && isSameJson(frame, frameOf(known))) return known;
  return pageOf(
    frame,
    split.pieces.map(({ value }) => value),
    split.pieces,
  );
}

/** What lacks a certificate may have one by now. */
function readerWith(authorities: ReadonlyMap<string, Authority>): PieceReader<ListedInstance> {
  return {
    read: (item, index) => {
      const value = parseInstance(item, index, authorities);
      return { name: value.instance.name, value };
    },
    holds: ({ lacksAuthority }) => !lacksAuthority,
  };
}

function frameOf({ nextPageToken, warnings }: PageFrame): PageFrame {
  return { nextPageToken, warnings };
}

function pageOf(
  frame: PageFrame,
  listed: readonly ListedInstance[],
  pieces: readonly Piece<ListedInstance>[],
): ReadPage {
  return { ...frame, listed, pieces, lacksAuthority: listed.some(({ lacksAuthority }) => lacksAuthority) };
}
