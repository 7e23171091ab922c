// Regenerates what is made from proto/: the reflection image and the TypeScript types.
// With --check it changes nothing and exits 1 when the committed files are out of date.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const isCheck = process.argv.includes('--check');
const target = isCheck ? mkdtempSync(path.join(tmpdir(), 'chester-generate-')) : 'proto';
const bin = (name) => path.join('node_modules', '.bin', name);
const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();

execFileSync(bin('buf'), ['lint'], { stdio: 'inherit' });
execFileSync(bin('buf'), ['build', '-o', path.join(target, 'image.binpb')], { stdio: 'inherit' });
if (!isCheck) rmSync('proto/gen', { recursive: true, force: true });
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

if (isCheck) {
  const made = ['image.binpb', ...files(path.join(target, 'gen')).map((name) => path.join('gen', name))];
  const kept = ['image.binpb', ...files('proto/gen').map((name) => path.join('gen', name))];
  const stale = [...new Set([...made, ...kept])].filter(
    (name) =>
      !made.includes(name) ||
      !kept.includes(name) ||
      !readFileSync(path.join(target, name)).equals(readFileSync(path.join('proto', name))),
  );
  rmSync(target, { recursive: true, force: true });
  if (stale.length > 0) {
    console.error(`Out of date, run "make generate": ${stale.map((name) => `proto/${name}`).join(', ')}`);
    process.exit(1);
  }
}
