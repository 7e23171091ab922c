/**
 * Measures how long a change takes until it is applied and proven, against a floor in the same run: a bare mysql2 script
 * that sends the same statements to the same proxies. Only the ratio means anything: the machine is shared.
 */
import { exitOnSignal } from '../../sandbox/at-exit.ts';
import { findProxySql, type ProxySqlBinary } from '../../sandbox/proxysql/real-proxysql.ts';
import { type Comparison, comparisonHeading, percentile, ratioOf, renderComparison } from './figures.ts';
import { measureManyProxies } from './many-proxies.ts';
import { type EqualHash, measureEqualHash, measureSizes } from './one-proxy.ts';

const equalMaxMs = 1;

function renderEqualHash({ applyMs, roundTripMs, statements }: EqualHash): string {
  const [apply, roundTrip] = [applyMs, roundTripMs].map((values) => percentile(values, 0.5).toFixed(2));
  const verdict = isCheap({ applyMs, roundTripMs, statements }) ? 'met' : 'MISSED';
  return (
    `a snapshot with an equal hash: ${apply} ms in the agent (at most ${equalMaxMs}), ${roundTrip} ms with both ways; ` +
    `${statements} statements in ${applyMs.length} of them (none allowed)   ${verdict}`
  );
}

function isCheap({ applyMs, statements }: EqualHash): boolean {
  return statements === 0 && percentile(applyMs, 0.5) <= equalMaxMs;
}

async function* measureAll(proxysql: ProxySqlBinary | null): AsyncGenerator<Comparison> {
  yield* measureSizes(proxysql);
  yield await measureManyProxies(proxysql);
}

async function main(): Promise<number> {
  const proxysql = process.env['PROXYSQL'] === 'emulator' ? null : await findProxySql(process.env);
  const proxy = proxysql === null ? 'emulator' : `proxysql ${proxysql.version}`;
  print(`${proxy}; to APPLIED, from an update's arrival at the agent; with 10 proxies from the commit in the store`);
  print(comparisonHeading);
  let isMet = true;
  for await (const comparison of measureAll(proxysql)) {
    isMet &&= ratioOf(comparison) <= comparison.ratioMax;
    print(renderComparison(comparison));
  }
  const equal = await measureEqualHash(proxysql);
  print(renderEqualHash(equal));
  return isMet && isCheap(equal) ? 0 : 1;
}

/** As it comes: the whole takes minutes. */
function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

exitOnSignal();
process.exit(await main());
