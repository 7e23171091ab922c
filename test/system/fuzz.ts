import { createHash, randomBytes, scryptSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { stringify } from 'yaml';
import { Child } from '../../sandbox/demo/child.ts';
import { loadChesterV1 } from '../../proto/load.ts';
import { Random } from '../simulation/random.ts';
import { blames, open, routes, streams } from './fuzz-targets.ts';
import { readMutatedFile } from './fuzz-yaml.ts';

/** What a run found. */
export type FuzzReport = {
  readonly requests: number;
  readonly answers: ReadonlyMap<string, number>;
  /** Answers by which the coordinator blames itself. */
  readonly internal: readonly string[];
  /** Where a planted secret was seen. */
  readonly leaks: readonly string[];
  readonly isAlive: boolean;
};

const planted = 'PLANTEDk7q2x9';
const secret = (what: string) => `${planted}-${what}-${'z'.repeat(24)}`;
const token = `cht_${secret('token')}`;
const password = secret('password');
const salt = Buffer.alloc(16, 3);
const hash = `scrypt:16384:8:1:${salt.toString('base64url')}:${scryptSync(password, salt, 32, { N: 16_384 }).toString('base64url')}`;
const access = {
  identities: [
    { name: 'root', tokens: [createHash('sha256').update(token).digest('hex')], roles: [{ role: 'admin' }] },
    { name: 'terraform', passwordHash: hash, roles: [{ role: 'operator', groups: ['orders'] }] },
  ],
};
const { AdminService, AgentService } = loadChesterV1();
const atOnce = 16;

/** Asks a whole coordinator for nonsense, some of it nearly right, with secrets planted where it knows them and where not. */
export async function fuzzCoordinator({
  requests,
  seed,
}: {
  readonly requests: number;
  readonly seed: number;
}): Promise<FuzzReport> {
  const dir = await mkdtemp(path.join(tmpdir(), 'chester-fuzz-'));
  const logFile = path.join(dir, 'log');
  await writeFile(path.join(dir, 'access.yaml'), stringify(access));
  await writeFile(path.join(dir, 'keys'), `${randomBytes(32).toString('base64')}\n`);
  const child = Child.start({
    args: ['coordinator'],
    logFile,
    env: {
      ...{ STATE_FILE: path.join(dir, 'store.sqlite'), HTTP_PORT: '0', GRPC_PORT: '0', LOG_LEVEL: 'debug' },
      ...{ ACCESS_FILE: path.join(dir, 'access.yaml'), SECRET_KEY_FILE: path.join(dir, 'keys') },
      ...{ CHESTER_SECRET_GATE: secret('gate'), WEBHOOK_TOKEN: secret('webhook'), HTTP_LOG_REQUESTS: 'true' },
      ...{ CLOUDSQL_ROOT_URL: 'http://127.0.0.1:9/', LEGACY_PROJECT: 'shop-prod-1', PATH: process.env['PATH'] ?? '' },
    },
  });
  try {
    const { http = '', grpc = '' } = await child.ready();
    const fuzz = new Fuzz({ http, grpc }, new Random(seed, 'fuzz').next);
    await fuzz.plant();
    await fuzz.run(requests, async (count) => {
      // Every so often somebody breaks the access file, too.
      if (count % 1500 === 0) await writeFile(path.join(dir, 'access.yaml'), fuzz.mutate(stringify(access)));
    });
    await writeFile(path.join(dir, 'access.yaml'), stringify(access));
    const metrics = await fuzz.http('GET', '/metrics', {}, '');
    fuzz.look('metrics', metrics.text);
    const isAlive = (await fuzz.http('GET', '/healthz/live', {}, '')).status === 200;
    fuzz.look('log', await readFile(logFile, 'utf8'));
    fuzz.close();
    return { requests, answers: fuzz.answers, internal: fuzz.internal, leaks: fuzz.leaks, isAlive };
  } finally {
    await child.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

type Answer = { readonly status: number; readonly text: string };

class Fuzz {
  readonly answers = new Map<string, number>();
  readonly internal: string[] = [];
  readonly leaks: string[] = [];
  readonly #addresses: { readonly http: string; readonly grpc: string };
  readonly #random: () => number;
  readonly #client: Client;
  readonly #methods: { readonly path: string; readonly sample: Buffer }[];

  constructor(addresses: { readonly http: string; readonly grpc: string }, random: () => number) {
    this.#addresses = addresses;
    this.#random = random;
    this.#client = new Client(addresses.grpc, credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 });
    const spec = { name: 'orders', fleet: 'main', users: [{ username: 'app', passwordSecret: 'gate' }] };
    const sample = { group: 'orders', name: 'orders', spec, reason: secret('reason').slice(0, 5), subject: 'orders' };
    this.#methods = [AdminService, AgentService].flatMap(({ service }) =>
      Object.values(service).map(({ path: at, requestSerialize }) => ({
        path: at,
        sample: requestSerialize(sample),
      })),
    );
    this.#methods.push(...open);
  }

  close(): void {
    this.#client.close();
  }

  /** Puts secrets where a coordinator keeps them. */
  async plant(): Promise<void> {
    const { PutSecret } = AdminService.service;
    const bytes = PutSecret.requestSerialize({ name: 'app', value: secret('stored') });
    const answer = await this.#grpc(PutSecret.path, bytes, `Bearer ${token}`);
    if (answer !== 'OK') throw new Error(`nothing was planted: ${answer}`);
  }

  async run(requests: number, between: (count: number) => Promise<void>): Promise<void> {
    let count = 0;
    const worker = async (): Promise<void> => {
      while (count < requests) {
        count += 1;
        await between(count);
        await this.#askOnce();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  look(where: string, text: string): void {
    if (text.includes(planted))
      this.leaks.push(`${where}: …${text.slice(Math.max(0, text.indexOf(planted) - 80), text.indexOf(planted) + 30)}…`);
  }

  /** Some of it as it is, some cut, doubled, or with other characters. */
  mutate(text: string): string {
    return this.#mutateBytes(Buffer.from(text)).toString();
  }

  async http(method: string, url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Answer> {
    return new Promise((resolve) => {
      const [host = '', port = ''] = this.#addresses.http.split(':');
      const call = httpRequest({ host, port, method, path: url, headers, timeout: 30_000 }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          const text = `${JSON.stringify(answer.headers)}${Buffer.concat(parts).toString()}`;
          resolve({ status: answer.statusCode ?? 0, text });
        });
      });
      call.on('error', () => {
        resolve({ status: 0, text: '' });
      });
      call.end(body);
    });
  }

  #askOnce(): Promise<void> {
    const kind = this.#random();
    if (kind < 0.5) return this.#askGrpc();
    if (kind < 0.6) return this.#askFile();
    return kind < 0.95 ? this.#askHttp() : this.#askRaw();
  }

  async #askGrpc(): Promise<void> {
    const { path: at, sample } = this.#pick(this.#methods);
    const name = await this.#grpc(at, this.#mutateBytes(sample), this.#authorization());
    if (blames.includes(name)) this.internal.push(`${at} ${name}`);
  }

  /** A file as `chester` reads it, and what it asks for then. */
  async #askFile(): Promise<void> {
    try {
      const { call, told } = readMutatedFile(this.#random, (text) => this.mutate(text));
      this.look('file', told);
      this.#count(call === null ? 'file refused' : 'file taken');
      if (call === null) return;
      const name = await this.#grpc(call.path, call.bytes, `Bearer ${token}`);
      if (blames.includes(name)) this.internal.push(`${call.path} of a file ${name}`);
    } catch (error) {
      this.internal.push(`a file: ${String(error)}`);
    }
  }

  async #askHttp(): Promise<void> {
    const method = this.#pick(['GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS', 'HEAD']);
    const url = this.#pick(routes);
    const sample = { action: 'add_database', instance_name: 'orders', username: 'app', password: secret('sent') };
    const rule = {
      rule_id: 1,
      username: 'app',
      active: 1,
      match_digest: '^SELECT',
      destination_hostgroup: 10,
      apply: 1,
    };
    const body = this.#pick([sample, rule, { ...sample, query_rules: [rule] }, [], null, { password: secret('sent') }]);
    const headers = this.#headers();
    const { status: code, text } = await this.http(
      method,
      this.#mutatePath(url),
      headers,
      this.mutate(JSON.stringify(body)),
    );
    this.#count(`http ${code}`);
    if (code === 500 || code === 501 || code === 502)
      this.internal.push(`${method} ${url} ${code} ${text.slice(0, 200)}`);
    this.look(`${method} ${url} ${code}`, text);
  }

  /** What is no HTTP at all, to either port. */
  #askRaw(): Promise<void> {
    const [host = '', port = ''] = this.#pick([this.#addresses.http, this.#addresses.grpc]).split(':');
    return new Promise((resolve) => {
      const socket = connect({ host, port: Number(port) });
      const timer = setTimeout(() => socket.destroy(), 200);
      let text = '';
      socket.on('data', (part) => (text += part.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearTimeout(timer);
        this.look('raw', text);
        this.#count('raw');
        resolve();
      });
      socket.end(this.#mutateBytes(Buffer.from(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${secret('raw')}`)));
    });
  }

  #grpc(at: string, bytes: Buffer, authorization: string): Promise<string> {
    const metadata = new Metadata();
    if (authorization !== '') metadata.set('authorization', authorization);
    if (this.#random() < 0.2) metadata.set('chester-reason', secret('why').slice(0, 3));
    if (this.#random() < 0.1) metadata.set('x-goog-iap-jwt-assertion', `eyJ.${secret('jwt')}.x`);
    const options = { deadline: Date.now() + (streams.some((name) => at.endsWith(`/${name}`)) ? 50 : 30_000) };
    return new Promise((resolve) => {
      const identity = (value: Buffer): Buffer => value;
      this.#client.makeUnaryRequest(
        at,
        identity,
        identity,
        bytes,
        metadata,
        options,
        (error: ServiceError | null, answer) => {
          const name = error === null ? 'OK' : status[error.code];
          this.#count(name);
          this.look(
            `${at} ${name}`,
            `${error?.details ?? ''}${JSON.stringify(error?.metadata.getMap() ?? {})}${answer?.toString('latin1') ?? ''}`,
          );
          resolve(name);
        },
      );
    });
  }

  #headers(): Record<string, string> {
    const authorization = this.#authorization();
    return {
      ...(authorization === '' ? {} : { authorization }),
      ...(this.#random() < 0.5
        ? { 'content-type': this.#pick(['application/json', 'text/plain', 'x', 'application/x-yaml']) }
        : {}),
      ...(this.#random() < 0.1 ? { 'x-goog-iap-jwt-assertion': `a.${secret('jwt')}.b` } : {}),
      ...(this.#random() < 0.1 ? { 'if-none-match': this.#pick(['*', 'W/"x"', '"']) } : {}),
      ...(this.#random() < 0.1 ? { 'x-chester-reason': 'x'.repeat(5000) } : {}),
    };
  }

  /** Good ones half of the time: what is behind the gate shall be asked as well. */
  #authorization(): string {
    const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`;
    const good = [`Bearer ${token}`, `Bearer ${token}`, basic(`terraform:${password}`)];
    const bad = [
      '',
      'Bearer',
      'Basic',
      `Bearer ${secret('guess')}`,
      `Digest ${secret('d')}`,
      'Basic %%%',
      `bearer  ${token} ${token}`,
    ];
    return this.#random() < 0.6 ? this.#pick(good) : this.#pick(bad);
  }

  #mutatePath(url: string): string {
    const kind = this.#random();
    if (kind < 0.7) return url;
    if (kind < 0.8) return `${url}/${encodeURIComponent(String.fromCharCode(Math.floor(this.#random() * 3000)))}`;
    return kind < 0.9 ? `${url}%` : `${url}&x=${'a'.repeat(Math.floor(this.#random() * 3000))}`;
  }

  #mutateBytes(bytes: Buffer): Buffer {
    const copy = Buffer.from(bytes);
    const at = () => Math.floor(this.#random() * Math.max(1, copy.length));
    switch (Math.floor(this.#random() * 6)) {
      case 0:
        return copy;
      case 1:
        return copy.subarray(0, at());
      case 2:
        return Buffer.concat([copy, copy]);
      case 3:
        return Buffer.from(Array.from({ length: at() + 1 }, () => Math.floor(this.#random() * 256)));
      case 4:
        return Buffer.concat([copy.subarray(0, at()), Buffer.alloc(Math.floor(this.#random() * 2000), 0xff), copy]);
      default:
        for (let change = 0; change <= this.#random() * 8 && copy.length > 0; change += 1) {
          copy[at()] = Math.floor(this.#random() * 256);
        }
        return copy;
    }
  }

  #pick<T>(list: readonly T[]): T {
    const chosen = list[Math.floor(this.#random() * list.length)];
    if (chosen === undefined) throw new Error('an empty list');
    return chosen;
  }

  #count(name: string): void {
    this.answers.set(name, (this.answers.get(name) ?? 0) + 1);
  }
}
