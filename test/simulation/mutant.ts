import { live } from './life.ts';

// Lives seeds until one breaks a rule, and prints which.
const seedsMax = Number(process.env['SEEDS'] ?? 100);
for (let seed = 1; seed <= seedsMax; seed += 1) {
  const { violation } = await live(seed);
  if (violation === null) continue;
  process.stdout.write(JSON.stringify({ seed, ...violation }));
  break;
}
