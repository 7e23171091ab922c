import assert from 'node:assert/strict';
import { GroupAdmin } from '../../../../coordinator/api/group-admin.ts';
import { HttpGuard } from '../../../../coordinator/api/auth/http-guard.ts';
import { HttpServer } from '../../../../coordinator/api/http-server.ts';
import { ServerAdmin } from '../../../../coordinator/api/server-admin.ts';
import { composeLegacy } from '../../../../coordinator/compose/legacy.ts';
import { parseLegacyConfig } from '../../../../coordinator/config-legacy.ts';
import type { Caller } from '../../../../coordinator/core/access.ts';
import type { InstanceData } from '../../../../coordinator/core/legacy-shapes.ts';
import { CoordinatorError } from '../../../../coordinator/errors.ts';
import { CloudView } from '../../../../coordinator/loops/cloud-view.ts';
import type { SecretVault } from '../../../../coordinator/ports.ts';
import { contentHash } from '../../../../process/content-hash.ts';
import { EnvironmentReader } from '../../../../process/environment.ts';
import type { Logger } from '../../../../process/log.ts';
import { createMetrics } from '../../../../process/metrics.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeCloudSql } from '../../../fakes/fake-cloudsql.ts';
import { FakeStore } from '../../../fakes/fake-store.ts';
import { install } from '../../builders.ts';

/** A vault in memory, and secrets from elsewhere, which go first. */
class FakeVault implements SecretVault {
  readonly kept = new Map<string, string>();
  readonly outside = new Map<string, string>();

  read(name: string): Promise<string> {
    const value = this.outside.get(name) ?? this.kept.get(name);
    if (value !== undefined) return Promise.resolve(value);
    return Promise.reject(new CoordinatorError('SECRET_MISSING', `secret ${name} is missing`));
  }

  keep(name: string, value: string): Promise<{ readonly ok: true }> {
    this.kept.set(name, value);
    return Promise.resolve({ ok: true });
  }
}

/** Passwords by user name, and what each may do. */
const logins: Readonly<Record<string, { readonly password: string; readonly grants: Caller['grants'] }>> = {
  terraform: { password: 'tf-pass', grants: [{ role: 'admin', groups: ['*'] }] },
  reader: { password: 'r-pass', grants: [{ role: 'viewer', groups: ['orders*'] }] },
  payments: { password: 'p-pass', grants: [{ role: 'operator', groups: ['payments'] }] },
};

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

export const terraform = basic('terraform', 'tf-pass');

export type Answer = { readonly status: number; readonly text: string; readonly headers: Headers };

/** The coordinator's HTTP side with Chester's API, over a store in memory. */
export class LegacyServer {
  readonly store = new FakeStore();
  readonly clock = new FakeClock();
  readonly cloudSql = new FakeCloudSql('shop-prod-1');
  readonly vault = new FakeVault();
  readonly groups: GroupAdmin;
  readonly http: HttpServer;
  /** Lines that were logged. */
  readonly logged: string[] = [];
  /** What the audit trail was told, with outcomes. */
  readonly audited: string[] = [];

  constructor({
    env = {},
    hasVault = true,
  }: { readonly env?: Record<string, string>; readonly hasVault?: boolean } = {}) {
    const { store, clock } = this;
    const note = (...line: readonly unknown[]) => void this.logged.push(JSON.stringify(line));
    const log: Logger = { debug: note, info: note, warn: note, error: note };
    const cloud = new CloudView({ cloudSql: this.cloudSql, clock }, 1000);
    this.groups = new GroupAdmin({ store, clock, hash: contentHash });
    const guard = new HttpGuard({
      gate: {
        identify: ({ authorization, source }) => {
          const [user = '', ...rest] = Buffer.from(authorization.replace(/^Basic /i, ''), 'base64')
            .toString()
            .split(':');
          const login = Object.hasOwn(logins, user) ? logins[user] : undefined;
          if (login === undefined || login.password !== rest.join(':')) return Promise.resolve('unknown' as const);
          return Promise.resolve({ name: user, proof: 'password' as const, source, grants: login.grants });
        },
      },
      audit: {
        begin: ({ what, caller }) =>
          Promise.resolve({
            finish: (outcome) => {
              this.audited.push(`${caller?.name ?? 'nobody'} ${what} ${outcome}`);
              return Promise.resolve();
            },
          }),
        denied: ({ what, caller }, outcome) => {
          this.audited.push(`${caller?.name ?? 'nobody'} ${what} denied ${outcome}`);
        },
      },
    });
    const reader = new EnvironmentReader({ LEGACY_PROJECT: 'shop-prod-1', ...env });
    const routes = composeLegacy(parseLegacyConfig(reader), {
      ...{ store, clock, cloud, log, groups: this.groups, access: { httpGuard: guard } },
      servers: new ServerAdmin({ store, clock, cloud, install }),
      vault: hasVault ? this.vault : null,
      secrets: this.vault,
    });
    this.http = new HttpServer(
      {
        sink: { accept: () => Promise.resolve({ kind: 'ignored', reason: '' }) },
        ...{ registry: createMetrics(), log, readiness: () => null, routes },
      },
      { host: '127.0.0.1', port: 0, webhook: { token: '', basic: null } },
    );
  }

  async start(): Promise<this> {
    this.cloudSql.addInstance('orders', { address: '10.0.0.1' });
    this.cloudSql.addInstance('payments', { address: '10.0.0.2' });
    await this.http.start();
    return this;
  }

  async call(
    method: string,
    path: string,
    body: unknown = null,
    headers: Record<string, string> = { authorization: terraform },
  ): Promise<Answer> {
    const init: RequestInit = { method, headers };
    if (body !== null) init.body = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`http://127.0.0.1:${this.http.port}${path}`, init);
    return { status: response.status, text: await response.text(), headers: response.headers };
  }

  /** Reads a database back. */
  async read(path = '/databases/orders?filter=true'): Promise<InstanceData> {
    const answer = await this.call('GET', path);
    assert.equal(answer.status, 200, answer.text);
    return JSON.parse(answer.text) as InstanceData;
  }

  /** Asks for a change that has to be made. */
  async done(method: string, path: string, body: unknown): Promise<void> {
    const answer = await this.call(method, path, body);
    assert.deepEqual([answer.status, answer.text], [200, 'null'], answer.text);
  }

  /** Asks for what has to be refused; returns the reason given. */
  async refused(method: string, path: string, body: unknown, status = 400): Promise<string> {
    const answer = await this.call(method, path, body);
    assert.equal(answer.status, status, answer.text);
    const { error, ...others } = JSON.parse(answer.text) as { readonly error: string };
    assert.deepEqual(others, {});
    return error;
  }
}

/** The body of a request that adds a database, as the Terraform provider sends it. */
export function addBody(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    action: 'add',
    instance_name: 'orders',
    username: 'app',
    password: 'hunter2-secret',
    master_instance: { name: 'orders', ip_address: '10.0.0.1' },
    read_replicas: [
      { name: 'orders-read-1', ip_address: '10.0.1.1' },
      { name: 'orders-read-2', ip_address: '10.0.1.2' },
    ],
    chester_meta_data: { instance_group: 'orders', max_chester_instances: 3 },
    key_data: '',
    cert_data: '',
    ca_data: '',
    enable_ssl: 0,
    ...change,
  };
}
