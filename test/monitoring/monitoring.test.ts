import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse, stringify } from 'yaml';
import { type AlertCase, alertCases, type Series } from './alert-cases.ts';

type Rule = {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly annotations?: Record<string, string>;
};
type Panel = {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
  readonly panels?: readonly Panel[];
};
type Dashboard = {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query?: string }[] };
};

const rulesFile = path.resolve('charts/chester/files/rules/chester.yaml');
const dashboardsFolder = 'charts/chester/files/dashboards';
const groups = (parse(readFileSync(rulesFile, 'utf8')) as { groups: { rules: Rule[] }[] }).groups;
const rules = groups.flatMap(({ rules: of }) => of);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const metrics = new Set(
  [...readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(chester_\w+)` \| (\w+)/gm)].flatMap(
    ([, name = '', type]) => (type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]),
  ),
);
const recorded = rules.flatMap(({ record }) => (record === undefined ? [] : [record]));
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const skip = hasPromtool ? false : 'promtool is missing: install prometheus';

/** Runs promtool on files of these contents. */
function promtool(
  command: readonly string[],
  contents: unknown,
): { readonly status: number | null; readonly output: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'chester-rules-'));
  try {
    const file = path.join(folder, 'rules.yaml');
    writeFileSync(file, stringify(contents));
    const { status, stdout, stderr } = spawnSync('promtool', [...command, file], { encoding: 'utf8', timeout: 60_000 });
    return { status, output: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function renderCase({ alert, labels, minutes }: AlertCase, series: Series, isFiring: boolean): unknown {
  return {
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      {
        expr: `count by (alertstate) (ALERTS{alertname="${alert}",alertstate="firing",${Object.entries(labels)
          .map(([name, value]) => `${name}="${value}"`)
          .join(',')}})`,
        eval_time: `${minutes}m`,
        exp_samples: isFiring ? [{ labels: '{alertstate="firing"}', value: 1 }] : [],
      },
    ],
    name: `${alert} ${isFiring ? 'fires' : 'keeps quiet'}`,
  };
}

/** Names of metrics in an expression. */
function namesIn(expr: string): readonly string[] {
  return [...expr.replaceAll(/"[^"]*"/g, '').matchAll(/\bchester[_:]\w+/g)].map(([name]) => name);
}

const dashboards = readdirSync(dashboardsFolder).map(
  (file) => [file, JSON.parse(readFileSync(path.join(dashboardsFolder, file), 'utf8')) as Dashboard] as const,
);
const panelsOf = (panels: readonly Panel[]): readonly Panel[] =>
  panels.flatMap((panel) => [panel, ...panelsOf(panel.panels ?? [])]);
const expressions = dashboards.flatMap(([file, { panels, templating }]) => [
  ...panelsOf(panels).flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: `${file}: ${title}`, expr })),
  ),
  ...templating.list.flatMap(({ name, query = '' }) => {
    const [, expr = ''] = /^label_values\((.*),\s*\w+\)$/.exec(query) ?? [];
    return expr === '' ? [] : [{ where: `${file}: $${name}`, expr }];
  }),
]);

describe('the alerts', () => {
  it('are each tried, firing and not', () => {
    assert.deepEqual(
      [...new Set(alertCases.map(({ alert }) => alert))].sort(),
      alerts.map(({ alert }) => alert).sort(),
    );
  });

  it('fire when they should, and not when it only looks alike', { skip }, () => {
    const tests = alertCases.flatMap((one) => [renderCase(one, one.fires, true), renderCase(one, one.quiet, false)]);
    const { status, output } = promtool(['test', 'rules'], {
      rule_files: [rulesFile],
      evaluation_interval: '1m',
      tests,
    });
    assert.equal(status, 0, output);
  });

  it('have a summary, a description, and a section of the runbook', () => {
    const runbook = readFileSync('docs/runbook.md', 'utf8');
    for (const { alert = '', annotations = {} } of alerts) {
      assert.ok((annotations['summary'] ?? '').length > 10, alert);
      assert.ok((annotations['description'] ?? '').endsWith('.'), alert);
      assert.equal(annotations['runbook'], `docs/runbook.md#${alert.toLowerCase()}`);
      assert.match(runbook, new RegExp(`^## ${alert}$`, 'm'));
    }
  });

  it('use metrics that exist', () => {
    for (const { expr, alert, record } of rules) {
      for (const name of namesIn(expr)) {
        assert.ok(
          metrics.has(name) || recorded.includes(name),
          `${alert ?? record ?? ''}: ${name} stands not in docs/metrics.md`,
        );
      }
    }
  });
});

describe('the dashboards', () => {
  it('are there for fleets, a group, and an incident', () => {
    assert.deepEqual(dashboards.map(([file]) => file).sort(), ['fleet.json', 'group.json', 'incident.json']);
    assert.equal(new Set(dashboards.map(([, { uid }]) => uid)).size, dashboards.length);
  });

  it('use metrics that exist, in every expression', () => {
    assert.ok(expressions.length >= 30, `only ${expressions.length} expressions were found`);
    for (const { where, expr } of expressions) {
      const names = namesIn(expr).filter((name) => !metrics.has(name) && !recorded.includes(name));
      assert.deepEqual(names, [], where);
    }
  });

  it('have no expression that Prometheus would refuse', { skip }, () => {
    const plain = expressions.map(({ expr }, index) => ({
      record: `dashboard:expression_${index}`,
      expr: expr
        .replaceAll('$__rate_interval', '5m')
        .replaceAll('$__range', '1h')
        .replaceAll(/\$\{?\w+\}?/g, 'x'),
    }));
    const { status, output } = promtool(['check', 'rules'], { groups: [{ name: 'dashboards', rules: plain }] });
    assert.equal(status, 0, output);
  });
});

describe('docs/metrics.md', () => {
  it('follows the naming rules of Prometheus', { skip }, () => {
    const text = [
      ...readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(chester_\w+)` \| (\w+) \| .* \| (.*) \|$/gm),
    ]
      .filter(([, , type]) => type !== 'histogram')
      .map(([, name = '', type = '', help = '']) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} 1\n`);
    const unique = [...new Set(text)].join('');
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: unique,
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(status, 0, `${stdout}${stderr}`);
  });
});
