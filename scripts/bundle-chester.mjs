// Bundles `chester` (coordinator, injector, command line, sandbox) into dist/chester, or into that folder of the out folder
// that is given, with all it needs to run away from its packages: the proto files, and SQLite, whose native binding
// cannot be bundled, for this machine's platform. Another entry than bin/chester.ts may follow the folder.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const [outFolder = 'dist', entry = 'bin/chester.ts'] = process.argv.slice(2);
const folder = path.join(outFolder, 'chester');
const native = '@photostructure/sqlite';
/** Loaded only if they are there; those who ask for them do without. */
const optional = ['bufferutil', 'utf-8-validate', 'pino-pretty', 'encoding', 'cardinal', 'supports-color'];

/**
 * A CommonJS package that is imported where it is needed has only a default export once it is bundled; Node gives it its
 * names as well, and the sources use them.
 */
const namesOfCommonJs = {
  name: 'names-of-commonjs',
  setup(builder) {
    const load = createRequire(path.resolve('package.json'));
    builder.onResolve({ filter: /^[@a-z]/ }, ({ path: wanted, kind, importer }) => {
      const isOurs = kind === 'dynamic-import' && !importer.includes('node_modules') && !isBuiltin(wanted);
      return isOurs && wanted !== native ? { path: wanted, namespace: 'named', pluginData: importer } : undefined;
    });
    builder.onLoad({ filter: /./, namespace: 'named' }, ({ path: wanted }) => {
      const names = Object.keys(load(wanted)).filter((key) => /^[A-Za-z_]\w*$/.test(key) && key !== 'default');
      const contents = `const all = require('${wanted}'); export const { ${names.join(', ')} } = all; export default all;`;
      return { contents, resolveDir: process.cwd() };
    });
  },
};

rmSync(folder, { recursive: true, force: true });
// Two folders deep, as compiled sources are: they find proto/ and package.json by their own place.
const outdir = path.join(folder, 'lib', 'bin');
const { metafile } = await build({
  entryPoints: [entry],
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Class and function names stay: logs and stack traces show them. Not by `keepNames`, which names each function anew
  // whenever it is made, the inner ones of every call too: a third of what a look at a group allocated.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  external: [native, ...optional],
  metafile: true,
  plugins: [namesOfCommonJs],
  logLevel: 'warning',
  banner: {
    js: [
      "import { createRequire as bundleRequire } from 'node:module';",
      "import { fileURLToPath as bundlePath } from 'node:url';",
      'const require = bundleRequire(import.meta.url);',
      'const __filename = bundlePath(import.meta.url);',
      "const __dirname = bundlePath(new URL('.', import.meta.url));",
    ].join(' '),
  },
});

const { name, version, license } = JSON.parse(readFileSync('package.json', 'utf8'));
writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify({ name, version, license, type: 'module' })}\n`);
mkdirSync(path.join(folder, 'proto'), { recursive: true });
cpSync('proto/image.binpb', path.join(folder, 'proto/image.binpb'));
// The last two by the libraries that serve health and reflection, which look for them at the same place.
for (const own of [
  'proto/chester',
  'node_modules/grpc-health-check/proto/health',
  'node_modules/@grpc/reflection/build/proto/grpc',
]) {
  cpSync(own, path.join(folder, 'proto', path.basename(own)), { recursive: true });
}
const { platform, arch } = process;
for (const part of ['package.json', 'LICENSE', 'dist/index.cjs', 'dist/index.mjs', `prebuilds/${platform}-${arch}`]) {
  cpSync(path.join('node_modules', native, part), path.join(folder, 'node_modules', native, part), { recursive: true });
}
cpSync('node_modules/node-gyp-build', path.join(folder, 'node_modules/node-gyp-build'), { recursive: true });

const missing = Object.values(metafile.outputs)
  .flatMap(({ imports }) => imports)
  .filter(({ path: wanted, external }) => external && !isBuiltin(wanted) && ![native, ...optional].includes(wanted));
if (missing.length > 0) {
  for (const { path: wanted } of missing) console.error(`${outdir} would need ${wanted} at run time.`);
  process.exit(1);
}
