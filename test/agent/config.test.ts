import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { agentEnvironmentHelp, parseAgentConfig } from '../../agent/config.ts';

const enough = {
  COORDINATOR_ADDRESS: '127.0.0.1:8443',
  CHESTER_FLEET: 'shop',
  PROXYSQL_ADMIN_USER: 'radmin',
  PROXYSQL_ADMIN_PASSWORD: 'secret',
  STATE_DIR: '/var/lib/chester',
};

function problems(env: Record<string, string>, readText: (path: string) => string = () => ''): readonly string[] {
  const parsed = parseAgentConfig(env, readText);
  return 'problems' in parsed ? parsed.problems : [];
}

describe('parseAgentConfig', () => {
  it('fills in the defaults', () => {
    const parsed = parseAgentConfig(enough, () => '');
    assert.ok('config' in parsed);
    const { config } = parsed;
    assert.deepEqual(config.admin, {
      host: '127.0.0.1',
      port: 6032,
      user: 'radmin',
      password: 'secret',
      deadlineMs: 5000,
    });
    assert.deepEqual(config.http, { host: '127.0.0.1', port: 8081 });
    assert.deepEqual([config.lastKnownGoodMaxAgeMs, config.driftIntervalMs], [86_400_000, 30_000]);
    assert.notEqual(config.identity.agentId, '');
    assert.deepEqual(config.drain, { token: null, endpointsMs: 20_000, deadlineMs: 60_000, onStop: false });
    assert.equal(config.stopDeadlineMs, 10_000);
  });

  it('knows where certificates go, or that they go nowhere', () => {
    const tls = (env: Record<string, string>) => {
      const parsed = parseAgentConfig({ ...enough, ...env }, () => '');
      return 'config' in parsed && parsed.config.tls;
    };
    assert.deepEqual(tls({}), { folder: null, group: null });
    assert.deepEqual(tls({ TLS_DIR: '/run/tls/', TLS_GROUP: 'proxysql' }), { folder: '/run/tls', group: 'proxysql' });
  });

  it('gives stopping the time that draining takes', () => {
    const more = { DRAIN_ON_STOP: 'true', DRAIN_ENDPOINTS_MS: '1000', DRAIN_DEADLINE_MS: '200' };
    const parsed = parseAgentConfig({ ...enough, ...more, STOP_DEADLINE_MS: '5000' }, () => '');
    assert.equal('config' in parsed && parsed.config.stopDeadlineMs, 6200);
  });

  it('reports everything that is missing at once', () => {
    const text = problems({}).join('\n');
    for (const name of Object.keys(enough)) assert.match(text, new RegExp(name), name);
  });

  const cases = [
    { name: 'COORDINATOR_ADDRESS', value: '127.0.0.1', says: /host:port/ },
    { name: 'CHESTER_FLEET', value: 'Shop', says: /lower-case/ },
    { name: 'CELL', value: 'a_b', says: /lower-case/ },
    { name: 'AGENT_ID', value: 'a b', says: /253/ },
    { name: 'TLS_DIR', value: 'tls', says: /absolute path/ },
    { name: 'TLS_GROUP', value: 'a b', says: /group's name/ },
    { name: 'HTTP_PORT', value: '65536', says: /0 to 65535/ },
    { name: 'ADMIN_DEADLINE_MS', value: 'soon', says: /whole number/ },
    { name: 'LOG_LEVEL', value: 'loud', says: /debug, info/ },
    { name: 'DRAIN_TOKEN', value: 'short', says: /16 or more/ },
    { name: 'DRAIN_ENDPOINTS_MS', value: '-1', says: /0 to 600000/ },
    { name: 'DRAIN_ON_STOP', value: 'yes', says: /true, false/ },
    { name: 'PROXYSQL_ADMIN_PASSWORD_FILE', value: '/run/secret', says: /both set/ },
  ] as const;
  for (const { name, value, says } of cases) {
    it(`says what is allowed for ${name}`, () => {
      const [problem = '', ...more] = problems({ ...enough, [name]: value });
      assert.match(problem, new RegExp(name));
      assert.match(problem, says);
      assert.deepEqual(more, []);
    });
  }

  it('reads the password from a file, without its line end', () => {
    const env = { ...enough, PROXYSQL_ADMIN_PASSWORD: '', PROXYSQL_ADMIN_PASSWORD_FILE: '/run/secret' };
    const parsed = parseAgentConfig(env, (path) => `${path}-word\n`);
    assert.equal('config' in parsed && parsed.config.admin.password, '/run/secret-word');
    const unreadable = problems(env, () => {
      throw new Error('ENOENT');
    });
    assert.match(unreadable.join(), /"\/run\/secret" cannot be read: ENOENT/);
  });

  it('reads the token of the drain from a file too', () => {
    const parsed = parseAgentConfig({ ...enough, DRAIN_TOKEN_FILE: '/run/drain' }, () => 'a-token-of-this-pod\n');
    assert.equal('config' in parsed && parsed.config.drain.token, 'a-token-of-this-pod');
  });

  it('never repeats a secret', () => {
    assert.doesNotMatch(problems({ DRAIN_TOKEN: 'hunter2' }).join('\n'), /hunter2/);
    assert.doesNotMatch(problems({ PROXYSQL_ADMIN_PASSWORD: 'hunter2', HTTP_PORT: 'x' }).join('\n'), /hunter2/);
  });
});

describe('agentEnvironmentHelp', () => {
  it('names every variable that is read, with the default that is used', () => {
    const asked = new Set<string>();
    const variables: Record<string, string> = enough;
    const env = new Proxy(variables, {
      get: (_, name: string) => {
        asked.add(name);
        return variables[name];
      },
    });
    const defaults = parseAgentConfig(env, () => '');
    assert.deepEqual(agentEnvironmentHelp.map(({ name }) => name).sort(), [...asked].sort());
    const spelledOut: Record<string, string> = { ...enough };
    // Their defaults are words.
    const spoken = ['AGENT_ID', 'COORDINATOR_SERVER_NAME'];
    for (const { name, default: value } of agentEnvironmentHelp) {
      if (value !== null && !spoken.includes(name)) spelledOut[name] = value;
    }
    const same = parseAgentConfig({ ...spelledOut, LOG_LEVEL: 'info' }, () => '');
    assert.deepEqual(same, defaults);
  });
});
