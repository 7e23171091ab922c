// Regenerates what is made from proto/: the reflection image, proto-loader's types, and the agent's codec; and of the
// chart its values.schema.json and the table of values in its README; and docs/metrics.md.
// With --check it changes nothing and exits 1 when the committed files are out of date. What would break those who call
// is refused in both cases: compared with proto/released.binpb, the API as it was last released (--release makes it so).
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateChart } from './chart/generate.mjs';
import { generateMetrics } from './metrics.mjs';

const isCheck = process.argv.includes('--check');
const released = path.join('proto', 'released.binpb');
const target = isCheck ? mkdtempSync(path.join(tmpdir(), 'chester-generate-')) : 'proto';
const madeFolders = ['gen', 'codec'];
const bin = (name) => path.join('node_modules', '.bin', name);
const made = (root) => [
  'image.binpb',
  ...madeFolders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))),
  ),
];

execFileSync(bin('buf'), ['lint'], { stdio: 'inherit' });
execFileSync(bin('buf'), ['breaking', '--against', released], { stdio: 'inherit' });
execFileSync(bin('buf'), ['build', '-o', path.join(target, 'image.binpb')], { stdio: 'inherit' });
if (!isCheck) for (const folder of madeFolders) rmSync(path.join('proto', folder), { recursive: true, force: true });
execFileSync(
  bin('proto-loader-gen-types'),
  [
    '--longs=Number',
    '--enums=String',
    '--defaults',
    '--oneofs',
    '--grpcLib=@grpc/grpc-js',
    '--importFileExtension=.ts',
  ].concat(['-O', path.join(target, 'gen'), '-I', 'proto', '--', 'chester/v1/agent.proto', 'chester/v1/admin.proto']),
  { stdio: ['ignore', 'ignore', 'inherit'] },
);
execFileSync(bin('buf'), ['generate', '-o', target], { stdio: 'inherit' });

if (isCheck) {
  const [fresh, committed] = [made(target), made('proto')];
  const stale = [...new Set([...fresh, ...committed])].filter(
    (name) =>
      !fresh.includes(name) ||
      !committed.includes(name) ||
      !readFileSync(path.join(target, name)).equals(readFileSync(path.join('proto', name))),
  );
  rmSync(target, { recursive: true, force: true });
  const outdated = [
    ...stale.map((name) => `proto/${name}`),
    ...(await generateChart(true)),
    ...(await generateMetrics(true)),
  ];
  if (outdated.length > 0) {
    console.error(`Out of date, run "make generate": ${outdated.join(', ')}`);
    process.exit(1);
  }
} else {
  await generateChart(false);
  await generateMetrics(false);
}
if (process.argv.includes('--release')) copyFileSync(path.join('proto', 'image.binpb'), released);
