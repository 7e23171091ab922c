// Writes V8's code cache of the bundled agent: runs it in this process, between an emulated ProxySQL and a stand-in for a
// coordinator, until it has applied its first snapshot, and keeps what V8 compiled on the way.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Server, ServerCredentials } from '@grpc/grpc-js';

const [outFolder = 'dist'] = process.argv.slice(2);
const folder = path.resolve(outFolder, 'chester-agent');
const cacheFile = path.join(folder, 'agent.cache');
const deadlineMs = 20_000;
const compiled = (file) => import(pathToFileURL(path.resolve(outFolder, file)).href);
const { startProxySqlEmulator } = await compiled('sandbox/proxysql/emulator.js');
const { AgentServiceService } = await compiled('proto/codec/chester/v1/agent.js');
const { compileAgent } = createRequire(import.meta.url)(path.join(folder, 'chester-agent.cjs'));

const server = (hostgroup, hostname) => ({
  hostgroup,
  hostname,
  port: 3306,
  status: 'SERVER_STATUS_ONLINE',
  weight: 1000,
  maxConnections: 100,
  maxReplicationLagSeconds: 0,
  useSsl: false,
  comment: 'chester warm-up static',
  instance: '',
  owned: false,
  servingSinceMs: 0,
  caId: '',
});
const snapshot = {
  group: 'warm-up',
  writerHostgroup: 10,
  readerHostgroup: 20,
  servers: [server(10, '10.0.0.1'), server(20, '10.0.0.2')],
  leaving: [],
  certificates: [],
  hostgroupAttributes: [],
  users: [],
  queryRules: [],
};

/** Tells an agent what to serve. */
function greet(call) {
  call.write({
    welcome: {
      coordinatorId: 'warm-up',
      epoch: 1,
      reportIntervalMs: 60_000,
      applyDeadlineMs: 5000,
      reconnectWindowMs: 0,
    },
  });
  call.write({ update: { nonce: '1', group: 'warm-up', revision: 1, hash: '1', snapshot } });
  call.write({ syncDone: {} });
}

/** Starts the stand-in for a coordinator; `applied` resolves when an agent says so. */
async function startCoordinator() {
  const coordinator = new Server();
  const applied = new Promise((resolve) => {
    coordinator.addService(AgentServiceService, {
      connect(call) {
        call.on('data', ({ hello, ack }) => {
          if (hello !== undefined) greet(call);
          if (ack?.status === 'ACK_STATUS_APPLIED') resolve();
        });
      },
    });
  });
  const port = await new Promise((resolve, reject) => {
    coordinator.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { port, applied };
}

const stateDir = mkdtempSync(path.join(tmpdir(), 'chester-code-cache-'));
process.on('exit', () => rmSync(stateDir, { recursive: true, force: true }));
setTimeout(() => {
  console.error(`the bundled agent did not apply within ${deadlineMs / 1000} s`);
  process.exit(1);
}, deadlineMs).unref();

const emulator = await startProxySqlEmulator({ port: 0, loadCost: 'none' });
const coordinator = await startCoordinator();
process.env = {
  COORDINATOR_ADDRESS: `127.0.0.1:${coordinator.port}`,
  CHESTER_FLEET: 'warm-up',
  AGENT_ID: 'warm-up',
  STATE_DIR: stateDir,
  PROXYSQL_ADMIN_PORT: String(emulator.port),
  PROXYSQL_ADMIN_USER: 'radmin',
  PROXYSQL_ADMIN_PASSWORD: 'radmin',
  HTTP_PORT: '0',
  LOG_LEVEL: 'warn',
};
const agent = compileAgent(folder);
agent.run();
await coordinator.applied;
writeFileSync(cacheFile, agent.script.createCachedData());
if (compileAgent(folder).script.cachedDataRejected) {
  console.error(`V8 refuses ${cacheFile}`);
  process.exit(1);
}
process.exit(0);
