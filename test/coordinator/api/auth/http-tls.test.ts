import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type RequestOptions } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TLSSocket } from 'node:tls';
import { after, before, describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { HttpGuard } from '../../../../coordinator/api/auth/http-guard.ts';
import type { Gate, Shown } from '../../../../coordinator/api/auth/gate.ts';
import { HttpServer } from '../../../../coordinator/api/http-server.ts';
import { openCaller } from '../../../../coordinator/core/access.ts';
import type { AuditedAct } from '../../../../coordinator/core/audit.ts';
import { createLogger } from '../../../../process/log.ts';
import { createMetrics } from '../../../../process/metrics.ts';
import { TlsWatch } from '../../../../process/tls-watch.ts';
import { alice, authority, renewed, server as pair, stranger } from '../../../fakes/certificates.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const log = createLogger('test', 'silent');
const clock = new FakeClock();
const shown: Shown[] = [];
const denied: AuditedAct[] = [];
const gate: Gate = {
  identify: (one) => {
    shown.push(one);
    return Promise.resolve(one.certificateNames.includes('CN=alice') ? openCaller(one.source) : 'unknown');
  },
};
const audit = {
  begin: () => Promise.resolve({ finish: () => Promise.resolve() }),
  denied: (act: AuditedAct) => void denied.push(act),
};
const needs = [{ permission: 'operate', scope: { kind: 'group', group: 'orders' } }] as const;
let dir = '';
let watch: TlsWatch;
let http: HttpServer;
const sink = { accept: () => Promise.resolve({ kind: 'ignored', reason: '' } as const) };
const parts = { sink, log, readiness: () => null };
const place = { host: '127.0.0.1', port: 0, webhook: { token: '', basic: null } };

before(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'chester-http-'));
  await put('crt', pair.certificate);
  await put('key', pair.key);
  await put('ca', authority);
  const file = (name: string) => path.join(dir, name);
  watch = new TlsWatch({ certificateFile: file('crt'), keyFile: file('key'), caFile: file('ca') }, { clock, log });
  await watch.start();
  const guard = new HttpGuard({ gate, audit });
  http = new HttpServer(
    {
      ...{ ...parts, registry: createMetrics() },
      routes: [
        (app) => {
          app.post('/change', async (incoming, reply) => {
            const admission = await guard.admit(incoming.raw, {
              needs,
              isChange: true,
              what: 'POST /change',
              request: {},
            });
            if (admission.isAdmitted) return admission.caller.name;
            return reply.code(admission.status).headers(admission.headers).send(admission.message);
          });
        },
      ],
    },
    { ...place, tls: watch },
  );
  await http.start();
});
after(async () => {
  await http.stop();
  watch.stop();
  await rm(dir, { recursive: true, force: true });
});

const put = (name: string, text: string) => writeFile(path.join(dir, name), text);

function post(options: RequestOptions = {}): Promise<{ status: number; text: string; subject: string }> {
  return new Promise((resolve, reject) => {
    const to = { host: '127.0.0.1', port: http.port, method: 'POST', path: '/change', ca: authority, agent: false };
    const call = request({ ...to, ...options }, (answer) => {
      const { socket } = answer;
      const { CN = '' } = socket instanceof TLSSocket ? socket.getPeerCertificate().subject : {};
      let text = '';
      answer.on('data', (part: Buffer) => (text += part.toString()));
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, text, subject: String(CN) });
      });
    });
    call.on('error', reject);
    call.end();
  });
}
const as = ({ certificate, key }: typeof alice) => ({ cert: certificate, key });

describe('HTTP with TLS', () => {
  it('knows a person by a certificate, and takes one of another authority for none', async () => {
    assert.deepEqual([(await post(as(alice))).status, shown.at(-1)?.certificateNames], [200, ['CN=alice']]);
    assert.deepEqual([(await post(as(stranger))).status, shown.at(-1)?.certificateNames], [401, []]);
    const { status, text } = await post();
    assert.deepEqual([status, text], [401, 'show a credential that this coordinator takes']);
    assert.deepEqual([denied.length, denied[0]?.what], [2, 'POST /change']);
  });

  it('asks for no certificate where no authority of clients is named: any that Node trusts would do', async (t) => {
    const files = { certificateFile: path.join(dir, 'crt'), keyFile: path.join(dir, 'key'), caFile: null };
    const tls = new TlsWatch(files, { clock, log });
    await tls.start();
    const seen: unknown[] = [];
    const look = (app: FastifyInstance): void => {
      app.post('/change', ({ socket }) =>
        seen.push(socket instanceof TLSSocket && socket.getPeerCertificate().subject),
      );
    };
    const bare = new HttpServer({ ...parts, registry: createMetrics(), routes: [look] }, { ...place, tls });
    t.after(async () => {
      await bare.stop();
      tls.stop();
    });
    await bare.start();
    assert.equal((await post({ ...as(alice), port: bare.port })).status, 200);
    assert.deepEqual(seen, [undefined]);
  });

  it('stops while somebody is connected who does not begin with TLS', { timeout: 30_000 }, async () => {
    const own = new HttpServer({ ...parts, registry: createMetrics() }, { ...place, tls: watch });
    await own.start();
    const silent = connect(own.port, '127.0.0.1');
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    // Who comes later was taken in later.
    await post({ port: own.port });
    await own.stop();
    silent.destroy();
  });

  it('takes up an exchanged certificate for new connections', async () => {
    assert.equal((await post()).subject, 'coordinator');
    await put('crt', renewed.certificate);
    await put('key', renewed.key);
    for (let turn = 0; (await post()).subject !== 'coordinator-renewed'; turn += 1) {
      assert.ok(turn < 3000, 'waited in vain');
      await clock.advance(2001);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
});
