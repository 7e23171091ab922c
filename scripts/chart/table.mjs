// The table of values in the chart's README, from the comments of values.yaml.
import { isMap, isScalar, parseDocument } from 'yaml';

/** What is the same wherever it stands. */
const common = {
  value: "The credential itself; it then stands in the chart's own secret.",
  existingSecret: "A secret in the release's namespace that has it.",
  key: 'Its key there.',
  username: 'Its name.',
  annotations: 'More annotations.',
  minReplicas: 'How few pods.',
  maxReplicas: 'How many pods.',
  nodeSelector: 'Labels of nodes that the pod may run on.',
  tolerations: 'As of a pod.',
  affinity: 'As of a pod.',
  topologySpreadConstraints: 'As of a pod.',
  priorityClassName: 'As of a pod.',
  podLabels: 'More labels of the pod.',
  podAnnotations: 'Annotations of the pod.',
  extraEnv: "More environment, as in a container's `env`.",
  extraVolumes: "More volumes, as in a pod's `volumes`.",
  extraVolumeMounts: "Where they are, as in a container's `volumeMounts`.",
};

/** Renders the rows: every value, what it is when nobody says, and what it does. */
export function renderTable(valuesText, presets) {
  const rows = [];
  const visit = (node, path, inherited) => {
    for (const pair of node.items) {
      const key = String(pair.key.value);
      const name = [...path, key].join('.');
      const said = readComment(pair.key, node, pair, inherited);
      if (isMap(pair.value) && pair.value.items.length > 0 && !pair.value.flow && !/resources$/i.test(key)) {
        if (said !== '') rows.push([`**\`${name}\`**`, '', said]);
        visit(pair.value, [...path, key], '');
        continue;
      }
      const fallback = pair.value === null || (isScalar(pair.value) && pair.value.value === null);
      const shown = fallback ? presetsOf(presets, [...path, key]) : code(pair.value.toJSON());
      rows.push([`\`${name}\``, shown, said === '' ? describe(key, name) : said]);
    }
  };
  visit(parseDocument(valuesText).contents, [], '');
  const lines = rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  return ['| value | default | meaning |', '|---|---|---|', ...lines].join('\n');
}

function describe(key, name) {
  if (!Object.hasOwn(common, key)) throw new Error(`values.yaml says nothing about ${name}`);
  return common[key];
}

function readComment(key, map, pair, inherited) {
  // The comment before a map's first key belongs to the map itself.
  const before = map.items[0] === pair ? (key.commentBefore ?? map.commentBefore ?? '') : (key.commentBefore ?? '');
  const paragraphs = before.split(/\n\s*\n/);
  const text = (paragraphs.at(-1) ?? '').replace(/^ /gm, '').replaceAll('\n', ' ').trim();
  return text === '' ? inherited : text;
}

function presetsOf(presets, path) {
  const values = Object.entries(presets).map(([name, preset]) => [name, path.reduce((at, key) => at?.[key], preset)]);
  const distinct = [...new Set(values.map(([, value]) => JSON.stringify(value)))];
  if (distinct.length === 1) return code(values[0][1]);
  return distinct
    .map((one) => {
      const names = values.filter(([, value]) => JSON.stringify(value) === one).map(([name]) => name);
      return `${names.join(', ')}: ${code(JSON.parse(one))}`;
    })
    .join('<br>');
}

function code(value) {
  return `\`${JSON.stringify(value)}\``;
}
