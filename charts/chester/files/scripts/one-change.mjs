// One change, end to end: one replica more, until every proxy serves it, and the same number as before. Without a group
// to change, or a token, it only looks.
import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

const {
  CHESTER_PROGRAM = '/app/lib/bin/chester.js',
  TEST_GROUP: group = '',
  TEST_TIMEOUT_SECONDS = '120',
} = process.env;
const hasToken = (process.env['CHESTER_TOKEN_FILE'] ?? '') !== '';
const deadline = Date.now() + Number(TEST_TIMEOUT_SECONDS) * 1000;

/** Runs `chester`. */
function chester(...words) {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [CHESTER_PROGRAM, ...words], { timeout: 30_000 }, (error, out, problem) => {
      if (error === null) resolve(out);
      else reject(new Error(`chester ${words.join(' ')}: ${problem.trim() || error.message}`));
    });
  });
}

const readStatus = async () => JSON.parse(await chester('status', '-o', 'json'));
const scale = (count) => chester('scale', group, String(count), '--owner', 'helm-test', '--reason', 'helm test');

async function until(what, look) {
  let seen = '';
  while (Date.now() < deadline) {
    try {
      const answer = await look();
      if (answer === true) {
        console.log(`ok: ${what}`);
        return;
      }
      seen = answer;
    } catch (error) {
      if (error instanceof ReferenceError || error instanceof TypeError) throw error;
      seen = error.message;
    }
    await pause(2000);
  }
  throw new Error(`${TEST_TIMEOUT_SECONDS} s were not enough for: ${what}. Last seen: ${seen}`);
}

async function readGroup() {
  const { groups = [] } = await readStatus();
  const found = groups.find(({ spec }) => spec?.name === group);
  if (found === undefined) throw new Error(`there is no group ${group}`);
  const { replicas = [], agentsConverged = 0, agentsTotal = 0 } = found;
  return {
    all: replicas.length,
    serving: replicas.filter(({ state }) => state === 'serving').length,
    isConverged: agentsTotal > 0 && agentsConverged === agentsTotal,
  };
}

async function untilGroup(what, isSo) {
  await until(what, async () => {
    const now = await readGroup();
    return (now.isConverged && isSo(now)) || JSON.stringify(now);
  });
}

await until('the coordinators answer', async () => {
  try {
    return (await readStatus()) !== undefined;
  } catch (error) {
    // Who shows nothing is told so: that is an answer too.
    if (!hasToken && /credential|UNAUTHENTICATED/.test(error.message)) return true;
    throw error;
  }
});
if (group === '' || !hasToken) {
  console.log(group === '' ? 'no group is named to be changed' : 'access.token is not set: nothing is changed');
} else {
  await untilGroup(`every proxy serves ${group}`, () => true);
  const { serving, all } = await readGroup();
  await scale(serving + 1);
  await untilGroup('one replica more serves in every proxy', (now) => now.serving === serving + 1);
  await scale(serving);
  await untilGroup('it left every proxy, and then Cloud SQL', (now) => now.all === all);
}
console.log('passed');
