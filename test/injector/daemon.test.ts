import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as requestHttps } from 'node:https';
import { connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { X509Maker } from '../../injector/adapters/x509.ts';
import { type JsonObject, read, readList, readText } from '../../injector/core/json.ts';
import { applyPatch, type PatchOperation } from '../../injector/core/patch.ts';
import { chesterProgram } from '../bundled-program.ts';
import { FakeApiServer } from './api-server.ts';

type Answer = { readonly status: number; readonly body: string };
type ReviewResponse = { uid: string; allowed: boolean; patch?: string; patchType?: string; warnings?: string[] };

const serverName = 'chester-injector.chester.svc';
const deadlineMs = 30_000;

/** Waits until `probe` gives something. */
async function until<T>(probe: () => Promise<T | null> | T | null, what: string): Promise<T> {
  const endMs = Date.now() + deadlineMs;
  for (;;) {
    const value = await probe();
    if (value !== null) return value;
    if (Date.now() > endMs) assert.fail(`not within ${deadlineMs} ms: ${what}`);
    await wait(20);
  }
}

describe('chester injector', { timeout: 300_000 }, () => {
  const api = new FakeApiServer();
  let folder: string;
  let daemon: ChildProcess;
  let ports: { readonly webhook: number; readonly http: number };
  let ca: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'chester-injector-'));
    const server = await api.start();
    api.namespaces.set('shop', {});
    api.namespaces.set('marked', { annotations: { 'chester/fleet': 'other' } });
    const context = { name: 'x', context: { cluster: 'x', user: 'x' } };
    const cluster = { name: 'x', cluster: { server, 'insecure-skip-tls-verify': true } };
    const user = { name: 'x', user: { token: 'x' } };
    const kubeconfig = { apiVersion: 'v1', clusters: [cluster], users: [user], contexts: [context] };
    await writeFile(path.join(folder, 'kubeconfig'), JSON.stringify({ ...kubeconfig, 'current-context': 'x' }));
    daemon = spawn(process.execPath, [chesterProgram, 'injector'], {
      stdio: ['ignore', 'pipe', process.env['SHOW_LOGS'] === undefined ? 'ignore' : 'inherit'],
      env: {
        ...{ PATH: process.env['PATH'], KUBECONFIG: path.join(folder, 'kubeconfig'), LISTEN_HOST: '127.0.0.1' },
        ...{ AGENT_IMAGE: 'chester-agent:1.0', COORDINATOR_ADDRESS: 'chester:8443', COORDINATOR_CA_CONFIGMAP: 'ca' },
        ...{ WEBHOOK_PORT: '0', HTTP_PORT: '0', STOP_DELAY_MS: '0', MISSED_INTERVAL_SECONDS: '1' },
        ...{ CERTIFICATE_SECRET: 'tls', POD_NAMESPACE: 'chester', WEBHOOK_CONFIGURATION: 'chester' },
        ...{ WEBHOOK_NAMES: serverName, REQUESTS_MAX: '8' },
      },
    });
    const [line] = (await Promise.race([once(daemon.stdout!, 'data'), once(daemon, 'exit')])) as [Buffer | number];
    assert.equal(daemon.exitCode, null, 'the injector did not start');
    ports = JSON.parse(line.toString()) as typeof ports;
    const trusted = await until(() => api.webhooks[0]?.clientConfig.caBundle ?? null, 'the API server trusts it');
    ca = Buffer.from(trusted, 'base64').toString();
    await until(async () => ((await probe('/healthz')).status === 200 ? true : null), 'ready');
  });
  after(async () => {
    if (daemon.exitCode === null) {
      daemon.kill('SIGKILL');
      await once(daemon, 'exit');
    }
    api.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const probe = async (place: string): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${ports.http}${place}`);
    return { status: response.status, body: await response.text() };
  };

  const post = (body: string, place = '/inject'): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: ports.webhook,
        servername: serverName,
        ca,
        path: place,
        method: 'POST',
      };
      const outgoing = requestHttps({ ...options, headers: { 'content-type': 'application/json' } }, (response) => {
        readAll(response).then((text) => {
          resolve({ status: response.statusCode ?? 0, body: text });
        }, reject);
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  const recorded = (name: string): string => readFileSync(`test/injector/reviews/${name}.json`, 'utf8');
  const review = async (name: string): Promise<ReviewResponse> => {
    const { status, body } = await post(recorded(name));
    assert.equal(status, 200, body);
    const answer = JSON.parse(body) as { kind: string; apiVersion: string; response: ReviewResponse };
    assert.deepEqual([answer.kind, answer.apiVersion], ['AdmissionReview', 'admission.k8s.io/v1']);
    return answer.response;
  };
  const patchOf = ({ patch = '' }: ReviewResponse): readonly PatchOperation[] =>
    JSON.parse(Buffer.from(patch, 'base64').toString()) as PatchOperation[];

  it('allows every recorded review, with its own uid', async () => {
    for (const file of readdirSync('test/injector/reviews')) {
      const { allowed, uid } = await review(file.replace('.json', ''));
      assert.deepEqual([allowed, uid], [true, '705ab4f5-6393-11e8-b7cc-42010a800002'], file);
    }
  });

  it('injects a marked pod, each with a token of its own', async () => {
    const pod = read(JSON.parse(recorded('pod-marked')) as JsonObject, 'request', 'object') as JsonObject;
    const tokens = await Promise.all(
      [1, 2].map(async () => {
        const answer = await review('pod-marked');
        assert.equal(answer.patchType, 'JSONPatch');
        const injected = applyPatch(pod, patchOf(answer));
        const agent = readList(injected, 'spec', 'initContainers')[0];
        assert.deepEqual([readText(agent, 'name'), readText(agent, 'restartPolicy')], ['chester-agent', 'Always']);
        const token = readList(agent, 'env').find((entry) => readText(entry, 'name') === 'DRAIN_TOKEN');
        return readText(token, 'value');
      }),
    );
    assert.match(tokens[0] ?? '', /^[\w-]{32}$/);
    assert.notEqual(tokens[0], tokens[1]);
  });

  it("follows the namespace's annotation, and leaves its other pods alone", async () => {
    assert.match(JSON.stringify(patchOf(await review('pod-of-marked-namespace'))), /"CHESTER_FLEET","value":"other"/);
    const other = await review('other-pod-of-marked-namespace');
    assert.deepEqual([other.patch, other.warnings], [undefined, undefined]);
  });

  it('hears of a namespace that is marked later', async () => {
    api.setNamespace('shop', { 'chester/inject': 'false' });
    await until(async () => ((await review('pod-marked')).patch === undefined ? true : null), 'the opt-out');
    api.setNamespace('shop', {});
    await until(async () => ((await review('pod-marked')).patch === undefined ? null : true), 'its end');
  });

  it('warns of what it cannot inject', async () => {
    assert.deepEqual((await review('pod-without-proxysql')).warnings, [
      'chester: no agent: no container is called proxysql or runs its image; name it with chester/container',
    ]);
  });

  const bad = [
    { name: 'no JSON', body: '{', status: 400 },
    { name: 'no review', body: '{"kind":"AdmissionReview"}', status: 400 },
    {
      name: 'a review of another version',
      body: '{"apiVersion":"admission.k8s.io/v1beta1","request":{"uid":"1"}}',
      status: 400,
    },
    { name: 'far too much', body: `"${'x'.repeat(4 * 1024 * 1024)}"`, status: 413 },
  ];
  for (const { name, body, status } of bad) {
    it(`answers ${status} to ${name}`, async () => {
      assert.equal((await post(body)).status, status);
    });
  }

  it('answers over HTTP/2 as well', async () => {
    const session = connectHttp2(`https://127.0.0.1:${ports.webhook}`, { ca, servername: serverName });
    const stream = session.request({ ':method': 'POST', ':path': '/inject' });
    stream.end(recorded('pod-marked'));
    assert.match(await readAll(stream), /"allowed":true/);
    session.close();
  });

  it('sheds what is too much at a time, and goes on', async () => {
    const session = connectHttp2(`https://127.0.0.1:${ports.webhook}`, { ca, servername: serverName });
    // Eight that do not end, and one more.
    const held = Array.from({ length: 8 }, () => {
      const stream = session.request({ ':method': 'POST', ':path': '/inject' });
      stream.write('{');
      return stream;
    });
    const status = await until(async () => {
      const answer = await post(recorded('pod-marked'));
      return answer.status === 503 ? answer.status : null;
    }, 'shedding');
    assert.equal(status, 503);
    for (const stream of held) stream.close();
    session.close();
    await until(async () => ((await post(recorded('pod-marked'))).status === 200 ? true : null), 'its end');
  });

  it('tells people of pods that run without the agent they ask for, once, and counts them', async () => {
    const pod = (name: string, containers: unknown) => ({
      metadata: { name, namespace: 'shop', uid: name, labels: { 'chester/fleet': 'main' } },
      spec: { containers },
      status: { phase: 'Running' },
    });
    api.pods = [
      pod('missed', [{ name: 'proxysql' }]),
      pod('web', [{ name: 'web' }]),
      pod('fine', [{ name: 'proxysql' }, { name: 'chester-agent' }]),
      { ...pod('gone', [{ name: 'proxysql' }]), status: { phase: 'Failed' } },
    ];
    const metrics = await until(async () => {
      const { body } = await probe('/metrics');
      return body.includes('pods_without_agent{reason="missed"} 1') ? body : null;
    }, 'the metric');
    assert.match(metrics, /^chester_injector_pods_without_agent\{reason="noProxySql"\} 1$/m);
    await until(
      () => (api.requests.filter((asked) => asked === 'GET /api/v1/pods').length > 3 ? true : null),
      'more looks',
    );
    const told = api.events.map(({ reason, involvedObject }) => `${reason} ${involvedObject.name}`);
    assert.deepEqual(told.sort(), ['AgentNotInjected missed', 'AgentNotInjected web']);
  });

  it('shows metrics of reviews and of its certificate', async () => {
    const { body } = await probe('/metrics');
    assert.match(body, /^chester_injector_reviews_total\{outcome="injected",reason="wanted"\} [1-9]/m);
    assert.match(body, /^chester_injector_reviews_total\{outcome="shed",reason="tooMany"\} [1-9]/m);
    const [, expiry = '0'] = /^chester_certificate_expiry_timestamp_seconds\{use="webhook"\} (\S+)$/m.exec(body) ?? [];
    const { expiresAtMs } = new X509Maker().inspect({
      certificatePem: Buffer.from(api.secret?.data['tls.crt'] ?? '', 'base64').toString(),
      keyPem: Buffer.from(api.secret?.data['tls.key'] ?? '', 'base64').toString(),
      authoritiesPem: '',
    });
    assert.equal(Number(expiry), expiresAtMs / 1000);
  });

  it('ends on SIGTERM', async () => {
    daemon.kill('SIGTERM');
    const [code] = (await once(daemon, 'exit')) as [number];
    assert.equal(code, 0);
  });
});
