// Builds the two images of the Dockerfile with docker or buildah. With --test it makes a base image of this machine's own
// Node with buildah (no registry is asked), builds on it what stands in dist/, and checks user, size and start.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const isTest = process.argv.includes('--test');
const targets = [
  { target: 'agent', image: 'chester-agent', layerBytesMax: 15_000_000, args: ['--help'], says: 'COORDINATOR_ADDRESS' },
  {
    target: 'coordinator',
    image: 'chester',
    layerBytesMax: 80_000_000,
    args: ['coordinator', '--help'],
    says: 'STATE_FILE',
  },
];
const has = (program) => spawnSync(program, ['--version']).status === 0;
const deadlineMs = 600_000;

/** Runs a program; what it says, or the end of this one. */
function run(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: deadlineMs });
  if (status === 0) return stdout.trim();
  console.error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  process.exit(1);
}

if (isTest) testImages();
else buildImages();

function buildImages() {
  const program = ['docker', 'buildah'].find(has);
  if (program === undefined) {
    console.error('make images needs docker or buildah: install one of them.');
    process.exit(1);
  }
  for (const { target, image } of targets) {
    // buildah takes a stage that only a default names for unused, and leaves it out: so it is named.
    const build = program === 'docker' ? ['build'] : ['build', '--isolation', 'chroot', '--build-arg', 'BUILD=source'];
    const { status } = spawnSync(program, [...build, '--target', target, '-t', image, '.'], { stdio: 'inherit' });
    if (status !== 0) process.exit(1);
  }
}

function testImages() {
  if (!has('buildah')) {
    console.log('SKIPPED: the images were not built. Install buildah to build them here.');
    return;
  }
  for (const folder of ['dist/chester', 'dist/chester-agent']) {
    if (existsSync(folder)) continue;
    console.error(`${folder} is missing: make build`);
    process.exit(1);
  }
  const base = 'localhost/chester-test-base';
  const made = [];
  try {
    makeBase(base);
    made.push(base);
    for (const each of targets) {
      const name = `localhost/chester-test-${each.target}`;
      const choice = ['--build-arg', `NODE_IMAGE=${base}`, '--build-arg', 'BUILD=local'];
      run('buildah', ['build', '--isolation', 'chroot', ...choice, '--target', each.target, '-t', name, '.']);
      made.push(name);
      check(each, name, sizeOf(name) - sizeOf(base));
    }
  } finally {
    for (const name of made.reverse()) spawnSync('buildah', ['rmi', '--force', name]);
  }
}

/** An image with nothing but Node, the libraries that it is linked to, and the users' file. */
function makeBase(name) {
  const root = mkdtempSync(path.join(tmpdir(), 'chester-base-'));
  try {
    const node = realpathSync(process.execPath);
    const libraries = run('ldd', [node]).match(/\/\S+/g) ?? [];
    const copy = (from, to) => {
      mkdirSync(path.dirname(path.join(root, to)), { recursive: true });
      cpSync(realpathSync(from), path.join(root, to));
    };
    copy(node, '/usr/local/bin/node');
    for (const library of libraries) copy(library, library);
    mkdirSync(path.join(root, 'tmp'));
    const container = run('buildah', ['from', 'scratch']);
    run('buildah', ['copy', '--quiet', container, root, '/']);
    run('buildah', ['config', '--env', 'PATH=/usr/local/bin', container]);
    run('buildah', ['commit', '--quiet', '--rm', container, name]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Bytes of all layers, as they are stored here: not compressed. */
function sizeOf(image) {
  const { Manifest } = JSON.parse(run('buildah', ['inspect', '--type', 'image', image]));
  return JSON.parse(Manifest).layers.reduce((sum, { size }) => sum + size, 0);
}

function check({ target, args, says, layerBytesMax }, image, layerBytes) {
  const user = run('buildah', ['inspect', '--type', 'image', '--format', '{{.OCIv1.Config.User}}', image]);
  const container = run('buildah', ['from', image]);
  try {
    const entry = JSON.parse(run('buildah', ['inspect', '--type', 'image', image])).OCIv1.config.Entrypoint;
    const output = run('buildah', ['run', '--isolation', 'chroot', container, '--', ...entry, ...args]);
    const problems = [
      user === '65532:65532' ? null : `it runs as ${user}`,
      output.includes(says) ? null : `${args.join(' ')} does not say ${says}`,
      layerBytes <= layerBytesMax ? null : `its layer has ${layerBytes} bytes; allowed: ${layerBytesMax}`,
    ].filter((problem) => problem !== null);
    console.log(`${target}: ${(layerBytes / 1e6).toFixed(1)} MB above the base, user ${user}, no shell`);
    for (const problem of problems) console.error(`${target}: ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
  } finally {
    run('buildah', ['rm', container]);
  }
}
