import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KnownPages, type ReadPage } from '../../../coordinator/adapters/cloudsql-pages.ts';
import type { Body } from '../../../coordinator/adapters/cloudsql-body.ts';
import type { CloudListing } from '../../../coordinator/core/cloud.ts';
import { fc } from '../../properties.ts';

type Page = { readonly names: readonly string[]; readonly state?: string; readonly warning?: string };

function textBody(text: string): Body {
  const bytes = Buffer.from(text);
  // In two pieces, one of them perhaps in the middle of a character.
  return { digest: text, chunks: [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)] };
}

function bodyOf({ names, state = 'RUNNABLE', warning }: Page): Body {
  const items = names.map((name) => ({ name, state }));
  const warnings = warning === undefined ? [] : [{ code: 'REGION_UNREACHABLE', message: warning }];
  return textBody(JSON.stringify({ kind: 'sql#instancesList', items, warnings }));
}

function list(known: KnownPages, bodies: readonly Body[], project = 'demo'): CloudListing {
  return known.join(
    project,
    bodies.map((body, index) => known.read(project, index, body)),
  );
}

type Step = {
  readonly shape: { readonly names: readonly string[] };
  readonly items: readonly { readonly state: string; readonly standby: string | null }[];
  readonly indent: number;
  readonly token: string;
  readonly warning: string | null;
  readonly hasItems: boolean;
  readonly isFirst: boolean;
};

function renderPage({ shape, items, indent, token, warning, hasItems, isFirst }: Step): string {
  const listed = shape.names.map((name, index) => {
    const { state = '', standby = null } = items[index] ?? {};
    return { name, state, ...(standby === null ? {} : { replicationCluster: { failoverDrReplicaName: standby } }) };
  });
  const others = { nextPageToken: token, ...(warning === null ? {} : { warnings: [{ message: warning }] }) };
  const withItems = hasItems ? { items: listed } : {};
  const kind = { kind: 'sql#instancesList' };
  return JSON.stringify(
    isFirst ? { ...kind, ...withItems, ...others } : { ...others, ...withItems, ...kind },
    null,
    indent,
  );
}

/** What comes of a page: the listing, or why there is none. */
function outcomeOf(known: KnownPages, text: Buffer): unknown {
  try {
    const page = known.read('demo', 0, { digest: text.toString('latin1'), chunks: [text] });
    return { ...known.join('demo', [page]), nextPageToken: page.nextPageToken };
  } catch (error) {
    return (error as Error).message;
  }
}

const one = { names: ['orders', 'orders-r1'] };
const two = { names: ['users'] };

describe('KnownPages', () => {
  it('gives the same instances while no page changes', () => {
    const known = new KnownPages();
    const first = list(known, [bodyOf(one), bodyOf(two)]);
    assert.deepEqual(
      first.instances.map(({ name }) => name),
      ['orders', 'orders-r1', 'users'],
    );
    assert.equal(list(known, [bodyOf(one), bodyOf(two)]).instances, first.instances);
  });

  const changes: readonly { readonly what: string; readonly pages: readonly Page[] }[] = [
    { what: 'a state', pages: [one, { ...two, state: 'SUSPENDED' }] },
    { what: 'an instance more', pages: [one, { names: ['users', 'users-r1'] }] },
    { what: 'a page more', pages: [one, two, { names: ['carts'] }] },
    { what: 'a page less', pages: [one] },
    { what: 'the order of pages', pages: [two, one] },
  ];
  for (const { what, pages } of changes) {
    it(`reads what has changed: ${what}`, () => {
      const known = new KnownPages();
      list(known, [bodyOf(one), bodyOf(two)]);
      const after = list(known, pages.map(bodyOf));
      assert.deepEqual(after, list(new KnownPages(), pages.map(bodyOf)));
    });
  }

  it('reads only the instances that have changed, and keeps the others', () => {
    const known = new KnownPages();
    const first = list(known, [bodyOf(one), bodyOf(two)]);
    const after = list(known, [bodyOf(one), bodyOf({ ...two, state: 'SUSPENDED' })]);
    assert.notEqual(after.instances, first.instances);
    assert.deepEqual(
      after.instances.map((instance, index) => instance === first.instances[index]),
      [true, true, false],
    );
  });

  it('is told of a replica for disasters by its primary, on whatever pages they are', () => {
    const primary = { name: 'orders', replicationCluster: { failoverDrReplicaName: 'demo:orders-r1' } };
    const bodies = (items: readonly (readonly object[])[]) =>
      items.map((page) => textBody(JSON.stringify({ kind: 'sql#instancesList', items: page })));
    const known = new KnownPages();
    const standbys = (pages: readonly (readonly object[])[]) =>
      list(known, bodies(pages)).instances.map(({ isDisasterRecoveryReplica }) => isDisasterRecoveryReplica);
    assert.deepEqual(standbys([[{ name: 'orders' }], [{ name: 'orders-r1' }]]), [false, false]);
    assert.deepEqual(standbys([[primary], [{ name: 'orders-r1' }]]), [false, true]);
    assert.deepEqual(standbys([[{ name: 'orders' }], [{ name: 'orders-r1' }]]), [false, false]);
  });

  it('reads whatever comes next as if nothing were known', () => {
    const shape = fc.record({
      names: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), { maxLength: 6 }),
    });
    const item = fc.record({
      state: fc.constantFrom('RUNNABLE', 'FAILED', 'a "quoted" } text \\'),
      standby: fc.constantFrom(null, 'demo:a', 'b'),
    });
    const page = fc.record({
      shape,
      items: fc.array(item, { minLength: 6, maxLength: 6 }),
      indent: fc.constantFrom(0, 2),
      token: fc.constantFrom('', 'more'),
      warning: fc.constantFrom(null, 'region } ] away'),
      hasItems: fc.integer({ max: 9 }).map((n) => n > 0),
      isFirst: fc.boolean(),
    });
    const cut = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(page, cut), { minLength: 2, maxLength: 6 }), (steps) => {
        const known = new KnownPages();
        for (const [step, at] of steps) {
          const whole = Buffer.from(renderPage(step));
          const text = at === null ? whole : whole.subarray(0, Math.floor(at * whole.length));
          assert.deepEqual(outcomeOf(known, text), outcomeOf(new KnownPages(), text));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('says each time again that a listing is not complete', () => {
    const known = new KnownPages();
    const isComplete = (page: Page) => list(known, [bodyOf(page)]).isComplete;
    const partial = { ...one, warning: 'europe-west1 does not answer' };
    assert.deepEqual([one, partial, partial, one].map(isComplete), [true, false, false, true]);
  });

  describe('with fingerprints in place of certificates', () => {
    const bodyWith = (fingerprints: readonly (string | null)[]) =>
      textBody(
        JSON.stringify({
          kind: 'sql#instancesList',
          items: fingerprints.map((sha1Fingerprint, at) => ({
            name: `orders-${at}`,
            serverCaCert: { kind: 'sql#sslCert', ...(sha1Fingerprint === null ? {} : { sha1Fingerprint }) },
          })),
        }),
      );
    const authority = (fingerprint: string | null, id: string) => ({ fingerprint, certificate: { id, pem: id } });
    const idsOf = ({ listed }: ReadPage) => listed.map(({ instance }) => instance.serverCa?.id ?? null);

    it('asks once for what it does not know', () => {
      const known = new KnownPages();
      assert.equal(known.read('demo', 0, bodyWith(['a', 'b'])).lacksAuthority, true);
      const asked = new Map([
        ['orders-0', authority('a', 'A')],
        ['orders-1', authority('b', 'B')],
      ]);
      known.join('demo', [known.readWith('demo', bodyWith(['a', 'b']), asked)]);
      const again = known.read('demo', 0, bodyWith(['a', 'b']));
      assert.deepEqual([again.lacksAuthority, idsOf(again)], [false, ['A', 'B']]);
      const changed = known.read('demo', 0, bodyWith(['a', 'b2']));
      assert.deepEqual([changed.lacksAuthority, idsOf(changed)], [true, ['A', null]]);
    });

    const never: readonly { readonly what: string; readonly listed: string | null; readonly asked: string | null }[] = [
      { what: 'changed while it was asked for', listed: 'a', asked: 'b' },
      { what: 'has no fingerprint', listed: null, asked: null },
    ];
    for (const { what, listed, asked } of never) {
      it(`asks again for one that ${what}`, () => {
        const known = new KnownPages();
        const page = known.readWith('demo', bodyWith([listed]), new Map([['orders-0', authority(asked, 'A')]]));
        known.join('demo', [page]);
        assert.equal(idsOf(page)[0], listed === asked ? 'A' : null);
        assert.equal(known.read('demo', 0, bodyWith([listed])).lacksAuthority, true);
      });
    }
  });

  it('keeps projects apart', () => {
    const known = new KnownPages();
    list(known, [bodyOf(one)]);
    assert.equal(list(known, [bodyOf(two)], 'other').instances[0]?.name, 'users');
    assert.equal(list(known, [bodyOf(one)]).instances[0]?.name, 'orders');
  });

  it('refuses what is no listing, whatever was known, and goes on from what was', () => {
    const known = new KnownPages();
    const first = list(known, [bodyOf(one)]);
    for (const body of ['', '<html>', '[]', '{}', 'null', '{"kind":"sql#instancesList","items":[{}]}']) {
      assert.throws(() => known.read('demo', 0, textBody(body)), /Cloud SQL, instances.list/);
    }
    assert.throws(() => known.read('demo', 0, { digest: '', chunks: [] }), { code: 'CLOUDSQL_UNAVAILABLE' });
    assert.equal(list(known, [bodyOf(one)]).instances, first.instances);
  });
});
