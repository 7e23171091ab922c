import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../../properties.ts';
import { renderQueryRules } from '../../../coordinator/core/query-rules.ts';
import { groupSpec } from '../builders.ts';
import { itNamesBadFields } from './bad-fields.ts';

const ruleIds = { first: 100, last: 199 };
const rules = (...queryRules: object[]) => ({ ruleIds, queryRules });
const rule = (change: object) => rules({ destination: 'reader', ...change });

describe('query rules of a group', () => {
  itNamesBadFields([
    ['queryRules', { ruleIds, queryRules: {} }, '{}', /an array/],
    ['queryRules.0', rules({}), '{}', /a rule that does something: flagOut, replacePattern, destination/],
    ['queryRules.0', rules({ matchDigest: '^SELECT' }), '{"matchDigest":"^SELECT"}', /does something.*or apply$/],
    ['queryRules.0.destination', rule({ destination: 10 }), '10', /^writer, reader$/],
    ['queryRules.0.rule_id', rule({ rule_id: 1 }), '1', /no such field/],
    ['queryRules.0.flagIn', rule({ flagIn: 3 }), '3', /0, or the flagOut of another rule/],
    ['queryRules.0.flagOut', rule({ flagOut: -1 }), '-1', /at least 0/],
    ['queryRules.0.clientAddress', rule({ clientAddress: 'app' }), '"app"', /an IP address/],
    ['queryRules.0.clientAddress', rule({ clientAddress: '' }), '""', /an IP address/],
    ['queryRules.0.digest', rule({ digest: '1234' }), '"1234"', /0x and up to 16/],
    ['queryRules.0.digest', rule({ digest: `0x${'1'.repeat(17)}` }), `"0x${'1'.repeat(17)}"`, /0x and up to 16/],
    ['queryRules.0.matchDigest', rule({ matchDigest: '' }), '""', /1 to 4096 characters/],
    ['queryRules.0.matchPattern', rule({ matchPattern: 'a\0' }), String.raw`"a\u0000"`, /without NUL/],
    ['queryRules.0.replacePattern', rule({ replacePattern: 'x' }), '"x"', /only together with matchPattern/],
    ['queryRules.0.negateMatchPattern', rule({ negateMatchPattern: true }), 'true', /matchDigest or matchPattern/],
    ['queryRules.0.reModifiers', rule({ reModifiers: 'GLOBAL,CASELESS' }), '"GLOBAL,CASELESS"', /CASELESS or GLOBAL/],
    ['queryRules.0.cacheTtlMs', rule({ cacheTtlMs: 0 }), '0', /at least 1/],
    ['queryRules.0.retries', rule({ retries: 1001 }), '1001', /at most 1000/],
    ['queryRules.0.multiplex', rule({ multiplex: 3 }), '3', /at most 2/],
    ['queryRules.0.comment', rule({ comment: 'a\nb' }), String.raw`"a\nb"`, /control character/],
    ['ruleIds', { queryRules: rule({}).queryRules }, 'missing', /the first and last rule id/],
    ['ruleIds.first', { ruleIds: { first: 0, last: 5 } }, '0', /at least 1/],
    ['ruleIds.last', { ruleIds: { first: 6, last: 5 } }, '5', /at least ruleIds\.first/],
    [
      'queryRules',
      { ruleIds: { first: 7, last: 7 }, queryRules: [{ apply: true }, { apply: true }] },
      '[{"apply":true},{"apply":true}]',
      /at most 1 rules/,
    ],
  ]);

  itNamesBadFields([
    ['queryRules.0.ruleId', rule({ ruleId: 99 }), '99', /^at least 100, and at most 199$/],
    ['queryRules.0.ruleId', rule({ ruleId: 200 }), '200', /at most 199/],
    ['queryRules.1.ruleId', rules({ apply: true, ruleId: 150 }, { apply: true, ruleId: 150 }), '150', /^more than 150/],
    ['queryRules.1.ruleId', rules({ apply: true, ruleId: 150 }, { apply: true, ruleId: 120 }), '120', /^more than 150/],
    ['queryRules.1.ruleId', rules({ apply: true, ruleId: 199 }, { apply: true }), 'missing', /at most 199/],
  ]);

  it('gives rules the ids that they name, and the others the next one', () => {
    const declared = rules(
      { apply: true },
      { apply: true, ruleId: 110 },
      { apply: true },
      { apply: true, ruleId: 199 },
    );
    const ids = renderQueryRules(groupSpec(declared)).map((row) => row['rule_id']);
    assert.deepEqual(ids, ['100', '110', '111', '199']);
  });

  it('takes a rule for each thing that a rule can do', () => {
    for (const effect of [
      { flagOut: 0 },
      { matchPattern: 'x', replacePattern: '' },
      { destination: 'writer' },
      { cacheTtlMs: 1 },
      { timeoutMs: 0 },
      { retries: 0 },
      { delayMs: 0 },
      { multiplex: 0 },
      { stickyConnection: false },
      { errorMessage: 'no' },
      { okMessage: 'yes' },
      { log: false },
      { apply: true },
    ]) {
      groupSpec(rules(effect));
    }
  });

  it('takes a rule that another one leads to', () => {
    groupSpec(rules({ username: 'app', flagOut: 4 }, { flagIn: 4, destination: 'reader', apply: true }));
  });
});

describe('renderQueryRules', () => {
  it('gives ids in the order of the list, from the first of the group', () => {
    const count = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(count, fc.integer({ min: 1, max: 2_000_000_000 }), (length, first) => {
        const queryRules = Array.from({ length }, (_, index) => ({ apply: true, comment: String(index) }));
        const rows = renderQueryRules(groupSpec({ ruleIds: { first, last: first + 11 }, queryRules }));
        assert.deepEqual(
          rows.map((row) => [row['rule_id'], row['comment']]),
          queryRules.map(({ comment }, index) => [String(first + index), `chester orders rule: ${comment}`]),
        );
      }),
    );
  });

  it('renders defaults as ProxySQL has them, but active', () => {
    const rows = renderQueryRules(groupSpec(rules({ matchDigest: '^SELECT', destination: 'reader', apply: true })));
    assert.deepEqual(rows, [
      {
        rule_id: '100',
        active: '1',
        flagIN: '0',
        match_digest: '^SELECT',
        negate_match_pattern: '0',
        re_modifiers: 'CASELESS',
        destination_hostgroup: '10',
        apply: '1',
        comment: 'chester orders rule',
      },
    ]);
  });

  it('renders every column that was declared', () => {
    const full = {
      active: false,
      username: 'app',
      schema: 'shop',
      flagIn: 1,
      flagOut: 1,
      clientAddress: '10.0.%',
      digest: '0xabc',
      matchDigest: 'd',
      matchPattern: 'p',
      negateMatchPattern: true,
      reModifiers: 'NONE',
      replacePattern: '',
      destination: 'writer',
      cacheTtlMs: 1,
      timeoutMs: 2,
      retries: 3,
      delayMs: 4,
      multiplex: 0,
      stickyConnection: true,
      errorMessage: 'no',
      okMessage: 'yes',
      log: false,
      apply: true,
      comment: "why's",
    };
    assert.deepEqual(renderQueryRules(groupSpec(rules(full)))[0], {
      rule_id: '100',
      active: '0',
      username: 'app',
      schemaname: 'shop',
      flagIN: '1',
      client_addr: '10.0.%',
      digest: '0x0000000000000ABC',
      match_digest: 'd',
      match_pattern: 'p',
      negate_match_pattern: '1',
      re_modifiers: '',
      flagOUT: '1',
      replace_pattern: '',
      destination_hostgroup: '5',
      cache_ttl: '1',
      timeout: '2',
      retries: '3',
      delay: '4',
      error_msg: 'no',
      OK_msg: 'yes',
      sticky_conn: '1',
      multiplex: '0',
      log: '0',
      apply: '1',
      comment: "chester orders rule: why's",
    });
  });
});
