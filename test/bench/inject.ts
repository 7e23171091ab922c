// How long an admission review takes: the decision alone, and over TLS with many at a time, beside a server that answers the
// same bytes without looking at them.
import { readFileSync } from 'node:fs';
import { Agent, createServer, request as requestHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { X509Maker } from '../../injector/adapters/x509.ts';
import { WebhookServer } from '../../injector/api/webhook-server.ts';
import { parseReview } from '../../injector/core/admission.ts';
import { planInjection } from '../../injector/core/injection.ts';
import type { Json } from '../../injector/core/json.ts';
import { createLogger } from '../../process/log.ts';
import { settings } from '../injector/settings.ts';

const body = readFileSync('test/injector/reviews/pod-marked.json', 'utf8');
const count = 1000;
const atOnce = 4;
const certificate = new X509Maker().make(['localhost'], Date.now(), 86_400_000);
const agent = new Agent({ keepAlive: true, maxSockets: atOnce, ca: certificate.authoritiesPem });

function plan(text: string) {
  const admission = parseReview(JSON.parse(text) as Json);
  if (admission?.pod === undefined || admission.pod === null) return null;
  const capabilities = { nativeSidecars: true };
  return planInjection({ pod: admission.pod, namespace: null, settings, capabilities, drainToken: 'x'.repeat(32) });
}

function post(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const beganMs = performance.now();
    const outgoing = requestHttps(
      { port, path: '/inject', method: 'POST', agent, servername: 'localhost' },
      (response) => {
        response.resume().once('end', () => {
          resolve(performance.now() - beganMs);
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function measure(port: number): Promise<readonly number[]> {
  const took: number[] = [];
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      took.push(await post(port));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return took.sort((one, other) => one - other);
}

const show = (name: string, sorted: readonly number[]): void => {
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2);
  process.stdout.write(`${name.padEnd(34)} p50 ${at(0.5)} ms   p99 ${at(0.99)} ms   max ${at(0.9999)} ms\n`);
};

for (let n = 0; n < 500; n += 1) plan(body);
const beganMs = performance.now();
for (let n = 0; n < count; n += 1) plan(body);
process.stdout.write(`the decision alone: ${(((performance.now() - beganMs) / count) * 1000).toFixed(0)} µs a pod\n`);

const floor = createServer({ cert: certificate.certificatePem, key: certificate.keyPem }, (incoming, response) => {
  incoming.resume().once('end', () => response.end(body));
});
await new Promise<void>((resolve) => floor.listen(0, '127.0.0.1', resolve));
const nothing = () => undefined;
const metrics = { reviewed: nothing, setMissing: nothing, setCertificateExpiry: nothing, clusterFailed: nothing };
const webhook = new WebhookServer(
  {
    inject: ({ pod }) => Promise.resolve(pod === null ? null : plan(body)),
    metrics,
    log: createLogger('bench', 'silent'),
    monotonicMs: () => performance.now(),
  },
  { host: '127.0.0.1', port: 0, requestsMax: 64 },
);
webhook.serve(certificate);
await webhook.start();
const floorPort = (floor.address() as AddressInfo).port;
for (const warmUp of [floorPort, webhook.port]) await measure(warmUp);
show(`floor, ${atOnce} at a time`, await measure(floorPort));
show(`webhook, ${atOnce} at a time`, await measure(webhook.port));
agent.destroy();
floor.close();
await webhook.stop();
