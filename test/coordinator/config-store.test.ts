import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRedisUrl, parseStore, storeHelp } from '../../coordinator/config-store.ts';
import { EnvironmentReader } from '../../process/environment.ts';

function parse(env: Readonly<Record<string, string>>) {
  const reader = new EnvironmentReader(env);
  return { store: parseStore(reader, 'chester'), problems: reader.problems };
}

const single = { kind: 'single', host: 'redis', port: 6379 };

describe('parseRedisUrl', () => {
  const good = [
    ['redis://redis', { at: single, db: 0, username: null, hasTls: false }],
    ['redis://redis/', { at: single, db: 0, username: null, hasTls: false }],
    ['redis://chester@redis:6380/3', { at: { ...single, port: 6380 }, db: 3, username: 'chester', hasTls: false }],
    ['rediss://[::1]:6379', { at: { ...single, host: '::1' }, db: 0, username: null, hasTls: true }],
    [
      'redis+sentinel://a,b:26380/orders',
      {
        at: {
          kind: 'sentinel',
          sentinels: [
            { host: 'a', port: 26_379 },
            { host: 'b', port: 26_380 },
          ],
          primary: 'orders',
        },
        db: 0,
        username: null,
        hasTls: false,
      },
    ],
    [
      'rediss+sentinel://u%40x@a:1/orders/2',
      {
        at: { kind: 'sentinel', sentinels: [{ host: 'a', port: 1 }], primary: 'orders' },
        db: 2,
        username: 'u@x',
        hasTls: true,
      },
    ],
  ] as const;
  for (const [url, expected] of good) {
    it(`reads ${url}`, () => {
      assert.deepEqual(parseRedisUrl(url), expected);
    });
  }

  const bad = [
    'redis',
    'http://redis',
    'redis://',
    'redis://a,b',
    'redis://user:pass@redis',
    'redis://redis:0',
    'redis://redis:70000',
    'redis://redis/x',
    'redis://redis/-1',
    'redis://redis/1/2',
    'redis+sentinel://a:1',
    'redis+sentinel:///orders',
    'redis://::1',
  ];
  for (const url of bad) {
    it(`refuses ${url}`, () => {
      assert.equal(parseRedisUrl(url), null);
    });
  }
});

describe('parseStore', () => {
  it('takes a file or a Redis, never both or none', () => {
    assert.deepEqual(parse({ STATE_FILE: '/x' }), { store: { kind: 'embedded', file: '/x' }, problems: [] });
    assert.deepEqual(parse({}).problems, ['STATE_FILE is not set, nor REDIS_URL; one of them is required']);
    assert.deepEqual(parse({ STATE_FILE: '/x', REDIS_URL: 'redis://redis' }).problems, [
      'STATE_FILE and REDIS_URL are both set; allowed: one of them',
    ]);
  });

  it('asks all replicas behind Sentinels, and none without', () => {
    const alone = parse({ REDIS_URL: 'redis://redis' }).store;
    const watched = parse({ REDIS_URL: 'redis+sentinel://a/orders', REDIS_REPLICAS: '2' }).store;
    const usual = parse({ REDIS_URL: 'redis+sentinel://a/orders' }).store;
    assert(alone.kind === 'redis' && watched.kind === 'redis' && usual.kind === 'redis');
    assert.deepEqual([alone.acknowledging, usual.acknowledging, watched.acknowledging], [0, 'all', 2]);
    assert.equal(alone.prefix, 'chester');
  });

  const bad: readonly (readonly [env: Readonly<Record<string, string>>, problem: RegExp])[] = [
    [{ REDIS_URL: 'redis://a', REDIS_PREFIX: 'a{b' }, /^REDIS_PREFIX is "a\{b"; allowed: 1 to 100/],
    [{ REDIS_URL: 'redis://a', REDIS_TLS_CA: '/ca.pem' }, /^REDIS_TLS_CA or .* asks for no TLS; allowed: rediss/],
    [{ REDIS_URL: 'redis://a', REDIS_REPLICAS: '9' }, /^REDIS_REPLICAS is "9"; allowed: all, or 0 to 5$/],
    [{ REDIS_URL: 'redis://a', REDIS_PASSWORD_SECRET: 'Not A Name' }, /^REDIS_PASSWORD_SECRET is "Not A Name"/],
    [{ REDIS_URL: 'redis://a', REDIS_DEADLINE_MS: '1' }, /^REDIS_DEADLINE_MS is "1"/],
  ];
  for (const [env, problem] of bad) {
    it(`names ${Object.entries(env).join(' ')}`, () => {
      const { problems } = parse(env);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', problem);
    });
  }

  it('never repeats a URL that may have a password in it', () => {
    const { problems } = parse({ REDIS_URL: 'redis://chester:hunter2@redis' });
    assert.match(problems.join('\n'), /^REDIS_URL is none; allowed: redis:.*REDIS_PASSWORD_SECRET/);
    assert(!problems.join('\n').includes('hunter2'));
  });

  it('has a line of help for every variable', () => {
    assert.deepEqual(storeHelp.length, 9);
    for (const [name, , meaning] of storeHelp) assert(name !== '' && meaning.length < 120);
  });
});
