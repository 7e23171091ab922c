import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAgentConfig, agentEnvironmentHelp } from '../../agent/config.ts';
import { type JsonObject, read, readList, readText } from '../../injector/core/json.ts';
import type { InjectionSettings } from '../../injector/core/settings.ts';
import { applyPatch } from '../../injector/core/patch.ts';
import { plan, podOf, settings } from './settings.ts';

const trusts: readonly InjectionSettings['trust'][] = [
  { kind: 'none' },
  { kind: 'system' },
  { kind: 'configMap', name: 'chester-ca', key: 'ca.crt' },
  { kind: 'inline', pem: 'PEM' },
];
const marks = { 'chester/admin-port': '6132', 'chester/tls-group': '999' };

function environmentOf(trust: InjectionSettings['trust'], pod: JsonObject): ReadonlyMap<string, string> {
  const injection = plan(pod, { settings: { ...settings, trust } });
  assert.ok(injection.outcome === 'injected');
  const agent = readList(applyPatch(pod, injection.patch), 'spec', 'initContainers').at(-1);
  // What Kubernetes would put there stands for itself.
  return new Map(
    readList(agent, 'env').map((entry) => {
      const from = read(entry, 'valueFrom');
      return [readText(entry, 'name'), from === undefined ? readText(entry, 'value') : 'from-kubernetes'];
    }),
  );
}

describe('what an injected agent is told', () => {
  const known = new Set(agentEnvironmentHelp.map(({ name }) => name));
  const onlyForOthers = new Set(['POD_NAME', 'POD_NAMESPACE']);
  for (const trust of trusts) {
    const pod = podOf({
      annotations: marks,
      spec: { securityContext: { fsGroup: 7 }, containers: [{ name: 'proxysql' }] },
    });

    it(`stands in the agent's help, with trust ${trust.kind}`, () => {
      const names = [...environmentOf(trust, pod).keys()];
      assert.deepEqual(
        names.filter((name) => !known.has(name) && !onlyForOthers.has(name)),
        [],
      );
    });

    it(`is a whole configuration, with trust ${trust.kind}`, () => {
      const env = Object.fromEntries(environmentOf(trust, pod));
      const resolved = (env['AGENT_ID'] ?? '').replace('$(POD_NAMESPACE)', 'shop').replace('$(POD_NAME)', 'proxysql-0');
      const parsed = parseAgentConfig({ ...env, AGENT_ID: resolved }, () => 'secret');
      assert.ok('config' in parsed, 'problems' in parsed ? parsed.problems.join('\n') : '');
      assert.equal(parsed.config.identity.agentId, 'europe.shop.proxysql-0');
      assert.equal(parsed.config.admin.port, 6132);
    });
  }
});
