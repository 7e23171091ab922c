import { agentEnvironmentHelp, runAgent } from '../agent/main.ts';

/** The agent alone, as it is bundled: `chester agent` without the rest of `chester`. */
if (process.argv.includes('--help') || process.argv.includes('-h')) {
  const lines = agentEnvironmentHelp.map(
    ({ name, default: fallback, meaning }) => `  ${name.padEnd(34)}${(fallback ?? '(required)').padEnd(18)}${meaning}`,
  );
  process.stdout.write(`chester-agent: keeps the ProxySQL beside it as the coordinator says\n\n${lines.join('\n')}\n`);
} else {
  void runAgent(process.env);
}
