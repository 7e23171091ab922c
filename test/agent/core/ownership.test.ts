import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeOwner, judgeVersion } from '../../../agent/core/ownership.ts';

describe('judgeOwner', () => {
  const owner = { agentId: 'proxy-0', bootId: 'b0' };
  const cases = [
    { name: 'its own', sentinel: {}, hasHeld: false, verdict: 'ours' },
    { name: 'its own, long silent', sentinel: { silentSeconds: 300 }, hasHeld: true, verdict: 'ours' },
    { name: 'its predecessor', sentinel: { bootId: 'b1' }, hasHeld: false, verdict: 'takeOver' },
    { name: 'its successor', sentinel: { bootId: 'b1' }, hasHeld: true, verdict: /newer process of agent proxy-0/ },
    {
      name: 'its successor, silent',
      sentinel: { bootId: 'b1', silentSeconds: 30 },
      hasHeld: true,
      verdict: 'takeOver',
    },
    { name: 'another agent', sentinel: { agentId: 'proxy-1' }, hasHeld: false, verdict: /agent proxy-1 manages/ },
    { name: 'another agent of the same boot id', sentinel: { agentId: 'x' }, hasHeld: true, verdict: /agent x / },
    {
      name: 'another agent, nearly silent',
      sentinel: { agentId: 'proxy-1', silentSeconds: 29 },
      hasHeld: false,
      verdict: /29 s ago/,
    },
    {
      name: 'another agent, silent',
      sentinel: { agentId: 'proxy-1', silentSeconds: 30 },
      hasHeld: false,
      verdict: 'takeOver',
    },
    {
      name: 'another agent, before whose beat the clock was put back a little',
      sentinel: { agentId: 'proxy-1', silentSeconds: -5 },
      hasHeld: false,
      verdict: / 0 s ago/,
    },
    {
      name: 'another agent, before whose last beat the clock was put back',
      sentinel: { agentId: 'proxy-1', silentSeconds: -3600 },
      hasHeld: false,
      verdict: 'takeOver',
    },
  ] as const;
  for (const { name, sentinel, hasHeld, verdict } of cases) {
    it(`says ${String(verdict)} of ${name}${hasHeld ? ', after having held it' : ''}`, () => {
      const state = { proxyBoot: 'p', ...owner, silentSeconds: 3, pause: 'none', ...sentinel } as const;
      const judged = judgeOwner(state, owner, hasHeld);
      if (typeof verdict === 'string') assert.equal(judged, verdict);
      else assert.match(typeof judged === 'object' ? judged.refusal.message : judged, verdict);
    });
  }
});

describe('judgeVersion', () => {
  for (const version of ['2.5.0', '2.5.5-percona-1.1', '2.7.1-16-g2726c27', '2.10.0', '3.0.1', '10.0.0', '2.5']) {
    it(`manages ${version}`, () => {
      assert.equal(judgeVersion(version), null);
    });
  }
  const refused = [
    { version: '2.4.8', says: /ProxySQL 2\.4\.8 is too old; 2\.5 or newer/ },
    { version: '1.4.16-percona', says: /too old/ },
    { version: '2', says: /not known/ },
    { version: '', says: /"" is not known/ },
    { version: 'v2.7', says: /not known/ },
    { version: '2.7x', says: /not known/ },
  ];
  for (const { version, says } of refused) {
    it(`refuses ${JSON.stringify(version)}`, () => {
      assert.match(judgeVersion(version)?.message ?? '', says);
    });
  }
});
