import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildAgentPolicy } from '../../../coordinator/core/agent-policy.ts';
import { groupSpec } from '../builders.ts';
import { itNamesBadFields } from './bad-fields.ts';

describe('agents of a group', () => {
  itNamesBadFields([
    ['agents', { agents: [] }, '[]', /an object/],
    ['agents.slowStart.durationSeconds', slowStart({ durationSeconds: -1 }), '-1', /at least 0/],
    ['agents.slowStart.initialPercent', slowStart({ initialPercent: 0 }), '0', /at least 1/],
    ['agents.slowStart.initialPercent', slowStart({ initialPercent: 101 }), '101', /at most 100/],
    ['agents.slowStart.curve', slowStart({ curve: 'LINEAR' }), '"LINEAR"', /^linear, exponential$/],
    ['agents.slowStart.steps', slowStart({ steps: 3 }), '3', /no such field/],
    ['agents.adoptExisting', { agents: { adoptExisting: 'yes' } }, '"yes"', /a boolean/],
    ['agents.endPinnedAfterSeconds', { agents: { endPinnedAfterSeconds: -1 } }, '-1', /at least 0/],
    ['agents.cordonSeconds', { agents: { cordonSeconds: 604_801 } }, '604801', /at most 604800/],
  ]);
});

function slowStart(change: object): object {
  return { agents: { slowStart: change } };
}

describe('buildAgentPolicy', () => {
  it('tells agents what was declared', () => {
    const agents = {
      slowStart: { durationSeconds: 30, curve: 'exponential' },
      adoptExisting: true,
      endPinnedAfterSeconds: 600,
      cordonSeconds: 60,
    };
    assert.deepEqual(buildAgentPolicy(groupSpec({ agents, writerFallbackConnections: 7 })), {
      writerFallbackConnections: 7,
      slowStart: { durationSeconds: 30, initialPercent: 10, curve: 'exponential' },
      adoptExisting: true,
      endPinnedAfterSeconds: 600,
      cordonSeconds: 60,
    });
  });

  it('says so when they are only to look, and nothing of it else: an equal policy keeps its hash', () => {
    assert.equal(buildAgentPolicy(groupSpec({ agents: { shadow: true } })).shadow, true);
    assert(!('shadow' in buildAgentPolicy(groupSpec())));
  });

  it('has no slow start when it would take no time', () => {
    const spec = groupSpec({ agents: { slowStart: { durationSeconds: 0 } } });
    assert.equal(buildAgentPolicy(spec).slowStart, null);
  });
});
