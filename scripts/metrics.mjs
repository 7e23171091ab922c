// Writes docs/metrics.md from the registries of coordinator, agent and injector; with `isCheck` only says whether it is
// out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import esbuild from 'esbuild';

const file = 'docs/metrics.md';
const source = `
  export { Registry } from "prom-client";
  import { createCoordinatorMetrics, createNoticeTally } from './coordinator/adapters/metrics.ts';
  import { createControlMetrics } from './coordinator/adapters/control-metrics.ts';
  import { createCertificateGauge, createGroupGauges } from './coordinator/adapters/group-metrics.ts';
  import { createRefusalCount } from './coordinator/adapters/access-metrics.ts';
  import { PrometheusMetrics } from './agent/adapters/metrics.ts';
  import { createInjectorMetrics } from './injector/adapters/metrics.ts';
  export const programs = {
    coordinator: (registry) => {
      createCoordinatorMetrics(registry);
      createNoticeTally(registry);
      createControlMetrics(registry, { term: { isHeld: true }, storeProblem: () => null });
      createGroupGauges(registry);
      createCertificateGauge(registry, null);
      createRefusalCount(registry);
    },
    agent: (registry) => new PrometheusMetrics(registry),
    injector: createInjectorMetrics,
  };
`;

/** How many series a label makes at most. */
const labels = {
  group: 'one a declared group',
  cell: 'one a cell',
  fleet: 'one a fleet',
  reason: 'a fixed list, 31 at most',
  state: 'a fixed list',
  status: 'a fixed list',
  outcome: 'a fixed list',
  kind: 'a fixed list',
  code: 'a fixed list',
  call: 'a fixed list',
  use: 'a fixed list',
  count: '`desired`, `serving`, `existing`',
  result: 'a fixed list',
  receiver: '`slack`, `webhook`, `pubsub`',
  direction: '`in`, `out`',
};

const head = `# Metrics

Made by \`make generate\` from the programs' own registries. Names and labels are an interface: one is never given another
meaning, and changes stand in the changelog. Beside these each program shows those of its process (\`process_*\`, \`nodejs_*\`).

What is told **by group** comes from every coordinator: \`chester_agents_*\` of its own agents (sum them), the rest only from the
one that decides. Rules and dashboards: charts/chester/files; what to do when one fires: [runbook.md](runbook.md).
`;

async function load() {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire('/');" },
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  return import(`data:text/javascript;base64,${code}`);
}

async function render() {
  const { programs, Registry } = await load();
  const parts = [];
  const used = new Set();
  for (const [program, register] of Object.entries(programs)) {
    const registry = new Registry();
    register(registry);
    const metrics = registry.getMetricsAsArray().sort((one, other) => one.name.localeCompare(other.name));
    const rows = metrics.map((metric) => {
      for (const label of metric.labelNames) used.add(label);
      const shown = metric.labelNames.map((label) => `\`${label}\``).join(', ');
      return `| \`${metric.name}\` | ${metric.type} | ${shown} | ${metric.help} |`;
    });
    parts.push(`## ${program}\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`);
  }
  const unknown = [...used].filter((label) => labels[label] === undefined);
  if (unknown.length > 0) throw new Error(`scripts/metrics.mjs: say how many values ${unknown.join(', ')} can have`);
  const rows = [...used].sort().map((label) => `| \`${label}\` | ${labels[label]} |`);
  return `${head}\n${parts.join('\n')}\n## Labels\n\n| label | values |\n|---|---|\n${rows.join('\n')}\n`;
}

/** Returns the names of files that are out of date. */
export async function generateMetrics(isCheck) {
  const fresh = await render();
  let committed = '';
  try {
    committed = readFileSync(file, 'utf8');
  } catch {
    // There is none yet.
  }
  if (fresh === committed) return [];
  if (!isCheck) writeFileSync(file, fresh);
  return isCheck ? [file] : [];
}
