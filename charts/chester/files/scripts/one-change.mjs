// One change, end to end: one replica more, until every proxy serves it, and the same number as before. Without a group
// to change it only looks whether the coordinators answer.
import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

const { CHESTER_PROGRAM = '/app/chester.js', TEST_GROUP: group = '', TEST_TIMEOUT_SECONDS = '120' } = process.env;
const deadline = Date.now() + Number(TEST_TIMEOUT_SECONDS) * 1000;

/** Runs `chester`, and reads what it says as JSON. */
function chester(...words) {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [CHESTER_PROGRAM, ...words, '-o', 'json'],
      { timeout: 30_000 },
      (error, out, problem) => {
        if (error === null) resolve(JSON.parse(out));
        else reject(new Error(`chester ${words.join(' ')}: ${problem.trim() || error.message}`));
      },
    );
  });
}

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
      seen = error.message;
    }
    await pause(1000);
  }
  throw new Error(`${TEST_TIMEOUT_SECONDS} s were not enough for: ${what}. Last seen: ${seen}`);
}

const groupNow = async () => {
  const { groups = [] } = await chester('status');
  const found = groups.find(({ spec }) => spec?.name === group);
  if (found === undefined) throw new Error(`there is no group ${group}`);
  return found;
};
const isConverged = ({ agentsConverged = 0, agentsTotal = 0 }) => agentsTotal > 0 && agentsConverged === agentsTotal;
const show = (now) =>
  JSON.stringify({ replicas: now.replicas, converged: `${now.agentsConverged}/${now.agentsTotal}` });

await until('the coordinators answer', async () => (await chester('status')) !== undefined);
if (group !== '') {
  await until(`every proxy serves ${group}`, async () => {
    const now = await groupNow();
    return isConverged(now) || show(now);
  });
  const before = (await groupNow()).replicas?.filter(({ state }) => state === 'serving').length ?? 0;
  await chester('scale', group, String(before + 1));
  await until('one replica more serves in every proxy', async () => {
    const now = await groupNow();
    const serving = now.replicas?.filter(({ state }) => state === 'serving').length ?? 0;
    return (serving === before + 1 && isConverged(now)) || show(now);
  });
  await chester('scale', group, String(before));
  await until('it left every proxy, and then Cloud SQL', async () => {
    const now = await groupNow();
    return ((now.replicas?.length ?? 0) === before && isConverged(now)) || show(now);
  });
}
console.log('passed');
