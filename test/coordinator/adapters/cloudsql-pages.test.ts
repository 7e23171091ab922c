import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KnownPages } from '../../../coordinator/adapters/cloudsql-pages.ts';
import type { Body } from '../../../coordinator/adapters/cloudsql-body.ts';
import type { CloudListing } from '../../../coordinator/core/cloud.ts';

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
    const idsOf = ({ instances }: { readonly instances: CloudListing['instances'] }) =>
      instances.map(({ serverCa }) => serverCa?.id ?? null);

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
