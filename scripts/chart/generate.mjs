// Regenerates what is made of the chart: values.schema.json, and the table of values in its README.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { parse } from 'yaml';
import { loadProgram } from './program.mjs';
import { buildSchema } from './schema.mjs';
import { renderTable } from './table.mjs';

const folder = path.join('charts', 'chester');
const presetNames = ['trial', 'minimal', 'ha', 'multi-cell'];
const begin = '<!-- values: made by "make generate" -->';
const end = '<!-- end of values -->';

/** Writes them, or with `isCheck` only names those that are out of date. */
export async function generateChart(isCheck) {
  const read = (name) => readFileSync(path.join(folder, name), 'utf8');
  const presets = Object.fromEntries(presetNames.map((name) => [name, parse(read(`presets/${name}.yaml`))]));
  const schemaFile = path.join(folder, 'values.schema.json');
  const options = { ...(await resolveConfig(schemaFile)), filepath: schemaFile };
  const schema = await format(JSON.stringify(buildSchema(await loadProgram())), options);
  const readme = read('README.md');
  const [head, rest = ''] = readme.split(begin);
  const tail = rest.split(end)[1] ?? '';
  const table = renderTable(read('values.yaml'), presets);
  const made = {
    'values.schema.json': schema,
    'README.md': `${head}${begin}\n\n${table}\n\n${end}${tail}`,
  };
  const stale = Object.keys(made).filter((name) => {
    const file = path.join(folder, name);
    return !existsSync(file) || readFileSync(file, 'utf8') !== made[name];
  });
  if (!isCheck) for (const name of stale) writeFileSync(path.join(folder, name), made[name]);
  return stale.map((name) => path.join(folder, name));
}
