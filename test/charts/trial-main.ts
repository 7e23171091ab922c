// What `helm install` and `helm test` do with the preset trial, on this machine and in a network of its own: starts the
// pod that was rendered into the file of the first argument, and then the pod of the test. Exits 0 when it passed.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chesterProgram } from '../bundled-program.ts';
import { LocalPod } from './local-pod.ts';
import { listAt, parseManifests, podOf } from './manifests.ts';

const [file = '', proxysql = ''] = process.argv.slice(2);
const manifests = parseManifests(readFileSync(file, 'utf8'));
const folder = mkdtempSync(path.join(tmpdir(), 'chester-trial-'));

/** Without a real proxysql its emulator, which does not read the configuration. */
function programOf(image: string, command: readonly string[]): readonly string[] {
  if (image.includes('/proxysql:')) {
    return proxysql === ''
      ? [process.execPath, chesterProgram, 'sandbox', 'proxysql']
      : [proxysql, ...command.slice(1)];
  }
  if (command.length > 0) return command[0] === 'node' ? [process.execPath, ...command.slice(1)] : command;
  return image.includes('chester-agent')
    ? [process.execPath, chesterProgram, 'agent']
    : [process.execPath, chesterProgram];
}

const instead = {
  'chester-grpc.shop.svc.cluster.local': '127.0.0.1',
  '/app/lib/bin/chester.js': chesterProgram,
};
const deployment = manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'chester');
const test = manifests.find(({ kind, metadata }) => kind === 'Pod' && metadata.name === 'chester-test');
if (deployment === undefined || test === undefined) throw new Error('the chart makes no trial');
const pod = new LocalPod({ manifests, folder: path.join(folder, 'pod'), programOf, instead }, deployment);
const testPod = new LocalPod({ manifests, folder: path.join(folder, 'test'), programOf, instead }, test);
try {
  await pod.start();
  const [container] = listAt(podOf(test), 'containers');
  process.stdout.write(await testPod.run(container ?? null));
  if (pod.ended().length > 0) throw new Error(`these ended: ${pod.ended().join(', ')}`);
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  for (const name of ['coordinator', 'cloudsql', 'proxysql', 'chester-agent']) {
    process.stderr.write(`--- ${name}\n${readFileSync(pod.logFile(name), 'utf8').slice(-3000)}\n`);
  }
} finally {
  await pod.stop();
  rmSync(folder, { recursive: true, force: true });
}
