import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fuzzCoordinator } from './fuzz.ts';

const requests = Number(process.env['FUZZ_REQUESTS'] ?? 1000);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

it(
  `answers ${requests} requests of nonsense without an end, an internal error or a secret (FUZZ_SEED=${seed})`,
  { timeout: 3_600_000 },
  async (test) => {
    const report = await fuzzCoordinator({ requests, seed });
    test.diagnostic(JSON.stringify([...report.answers].sort()));
    assert.ok(report.isAlive, 'the coordinator ended');
    assert.deepEqual(report.leaks.slice(0, 5), []);
    assert.deepEqual(report.internal.slice(0, 5), []);
    // Much of it has to get past the gate, or nothing was tried.
    assert.ok((report.answers.get('OK') ?? 0) > requests / 100, 'nothing was admitted');
    assert.ok((report.answers.get('INVALID_ARGUMENT') ?? 0) > 0 && (report.answers.get('UNAUTHENTICATED') ?? 0) > 0);
  },
);
