import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { run } from '../cli/run.ts';
import { findProblems } from './strict-pod.ts';

const env = {
  AGENT_IMAGE: 'chester-agent:1.0',
  COORDINATOR_ADDRESS: 'chester.chester.svc:8443',
  COORDINATOR_CA_CONFIGMAP: 'chester-ca',
};
const token = ['--drain-token', '0123456789abcdef0123456789abcdef'];
const pods = 'test/injector/pods';
const goldens = 'test/injector/goldens';

/** `UPDATE_GOLDENS=1` writes what comes out; review it before it is committed. */
function compare(name: string, actual: string): void {
  const file = `${goldens}/${name}`;
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, actual);
  assert.ok(existsSync(file), `${file} is missing; UPDATE_GOLDENS=1 writes it`);
  assert.equal(actual, readFileSync(file, 'utf8'));
}

const clusters = [
  { name: 'native', nativeSidecars: 'auto' },
  { name: 'container', nativeSidecars: 'never' },
];

describe('chester inject, on pods as people write them', () => {
  for (const file of readdirSync(pods).sort()) {
    for (const { name, nativeSidecars } of clusters) {
      it(`${file}, agent as ${name}`, async () => {
        const settings = { ...env, NATIVE_SIDECARS: nativeSidecars };
        const { exitCode, stdout, stderr } = await run(['inject', '-f', `${pods}/${file}`, ...token], {
          env: settings,
        });
        assert.equal(exitCode, 0, stderr);
        compare(file.replace('.yaml', `.${name}.yaml`), `# ${stderr.trimEnd().replaceAll('\n', '\n# ')}\n${stdout}`);
        for (const document of parseAllDocuments(stdout, { version: '1.1' })) {
          assert.deepEqual(findProblems(document.toJS()), []);
        }
      });
    }

    it(`${file}, injected twice, is the same as once`, async () => {
      const once = await run(['inject', '-f', `${pods}/${file}`, ...token], { env });
      const twice = await run(['inject', '-f', '-'], { env, stdin: once.stdout });
      assert.equal(twice.stdout, once.stdout);
    });
  }
});
