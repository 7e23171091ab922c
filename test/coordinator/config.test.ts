import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coordinatorEnvironmentHelp, parseConfig } from '../../coordinator/config.ts';
import { CoordinatorError } from '../../coordinator/errors.ts';

const minimal = { STATE_FILE: '/var/lib/chester/state.db' };

function problemsOf(env: Readonly<Record<string, string>>): string[] {
  try {
    parseConfig(env);
  } catch (error) {
    assert(error instanceof CoordinatorError && error.code === 'CONFIG_INVALID');
    return error.message.split('\n');
  }
  return [];
}

describe('parseConfig', () => {
  it('needs one variable', () => {
    const { coordinatorId, httpPort, grpcPort, listenHost, configFile, install } = parseConfig(minimal);
    assert.deepEqual([httpPort, grpcPort, listenHost, configFile, install], [8080, 8443, '127.0.0.1', null, 'chester']);
    assert.notEqual(coordinatorId, parseConfig(minimal).coordinatorId);
    assert.deepEqual(problemsOf({}), ['STATE_FILE is not set, nor REDIS_URL; one of them is required']);
  });

  const bad: readonly (readonly [env: Readonly<Record<string, string>>, problem: RegExp])[] = [
    [{ HTTP_PORT: '65536' }, /^HTTP_PORT is "65536"; allowed: a whole number from 0 to 65535$/],
    [{ GRPC_PORT: '-1' }, /^GRPC_PORT is "-1"/],
    [{ INSTALL_ID: 'My Install' }, /^INSTALL_ID is "My Install"; allowed: a lower-case letter/],
    [{ POLL_INTERVAL_MS: '0' }, /^POLL_INTERVAL_MS is "0"; allowed: a whole number from 10/],
    [{ EVENTS_MAX: '1' }, /^EVENTS_MAX is "1"/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL is "loud"; allowed: debug, info, warn, error, silent$/],
    [{ CLOUDSQL_ROOT_URL: 'ftp://x/' }, /^CLOUDSQL_ROOT_URL is "ftp:\/\/x\/"; allowed: an http or https URL/],
    [{ PUBSUB_SUBSCRIPTION: 'alerts' }, /^PUBSUB_SUBSCRIPTION is "alerts"; allowed: projects\/PROJECT/],
    [{ INSECURE_LISTEN: 'yes' }, /^INSECURE_LISTEN is "yes"; allowed: true, false$/],
    [{ LISTEN_HOST: '0.0.0.0', WEBHOOK_TOKEN: 'x' }, /^LISTEN_HOST is "0.0.0.0"; allowed: a loopback address/],
    [
      { LISTEN_HOST: '0.0.0.0', INSECURE_LISTEN: 'true' },
      /^WEBHOOK_TOKEN is not set, nor WEBHOOK_USERNAME; one is required/,
    ],
    [{ WEBHOOK_USERNAME: 'monitoring' }, /^WEBHOOK_PASSWORD is not set; allowed: both/],
    [{ WEBHOOK_PASSWORD: 's3cret' }, /^WEBHOOK_USERNAME is not set; allowed: both[^]*$/],
    [{ WEBHOOK_USERNAME: 'a:b', WEBHOOK_PASSWORD: 'x' }, /^WEBHOOK_USERNAME is "a:b"; allowed: 1 to 64/],
  ];
  for (const [env, problem] of bad) {
    it(`names ${Object.entries(env)
      .map((pair) => pair.join('='))
      .join(' ')}`, () => {
      const problems = problemsOf({ ...minimal, ...env });
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', problem);
    });
  }

  it('reports every problem at once, and never a secret', () => {
    const problems = problemsOf({
      HTTP_PORT: 'x',
      GRPC_PORT: 'y',
      LOG_LEVEL: 'z',
      LISTEN_HOST: '10.0.0.1',
      WEBHOOK_TOKEN: 's3cret',
    });
    assert.equal(problems.length, 5);
    assert(!problems.join().includes('s3cret'));
  });

  it('listens elsewhere by order', () => {
    const config = parseConfig({ ...minimal, LISTEN_HOST: '0.0.0.0', INSECURE_LISTEN: 'true', WEBHOOK_TOKEN: 'x' });
    assert.equal(config.listenHost, '0.0.0.0');
    for (const LISTEN_HOST of ['127.0.0.5', 'localhost', '::1']) parseConfig({ ...minimal, LISTEN_HOST });
  });

  it('takes a list of users without empty ones', () => {
    assert.deepEqual(parseConfig({ ...minimal, MONITOR_USERS: ' a, ,b,' }).monitorUsers, ['a', 'b']);
  });

  it('explains every variable that it reads, and no other', () => {
    const read = new Set<string>();
    const env = new Proxy<Record<string, string>>(minimal, {
      get: (target, name) => {
        read.add(String(name));
        return target[String(name)];
      },
    });
    parseConfig(env);
    assert.deepEqual([...read].sort(), coordinatorEnvironmentHelp.map(([name]) => name).sort());
  });
});
