// The hook and the probes that the chart gives ProxySQL's container, run as they stand in a golden: bash against stand-ins.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { root } from './helm.ts';
import { at, containersOf, listAt, parseManifests, podOf, textAt } from './manifests.ts';

const golden = readFileSync(path.join(root, 'test', 'charts', 'goldens', 'minimal.yaml'), 'utf8');
const containers = parseManifests(golden).flatMap((one) => containersOf(podOf(one) ?? null));
const proxysql = containers.find((one) => textAt(one, 'name') === 'proxysql') ?? null;
const command = listAt(at(proxysql, 'lifecycle', 'preStop', 'exec') ?? null, 'command') as readonly string[];

describe("the hook of ProxySQL's container", () => {
  let folder = '';
  let agent: Server;
  let asked: string[] = [];
  let answer: (socket: { destroy(): void }, ok: () => void) => void;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'chester-hook-'));
    writeFileSync(path.join(folder, 'drain-token'), 'this-pod-only');
    asked = [];
    agent = createServer((request, response) => {
      asked.push(request.url ?? '');
      answer(request.socket, () => response.end('{"clients":0}\n'));
    });
    await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve));
  });

  afterEach(() => {
    agent.closeAllConnections();
    agent.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** `patienceSeconds` stands for how long a drain may take. */
  function hook(patienceSeconds: number): ChildProcess {
    const [program = '', ...words] = command;
    const { port } = agent.address() as AddressInfo;
    const local = words.map((word) =>
      word
        .replaceAll('/run/chester', folder)
        .replaceAll('127.0.0.1/8081', `127.0.0.1/${port}`)
        .replace('SECONDS < 80', `SECONDS < ${patienceSeconds}`),
    );
    return spawn(program, local, { stdio: 'ignore' });
  }

  it('ends with the answer', async () => {
    let reply: () => void = () => undefined;
    answer = (_socket, ok) => {
      reply = ok;
    };
    const child = hook(80);
    while (asked.length === 0) await once(agent, 'request');
    assert.equal(child.exitCode, null);
    reply();
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    assert.deepEqual(asked, ['/drain?token=this-pod-only']);
  });

  it('asks again when the agent ends in the middle of a drain', async () => {
    answer = (socket, ok) => {
      if (asked.length === 1) socket.destroy();
      else ok();
    };
    await once(hook(80), 'exit');
    assert.equal(asked.length, 2);
  });

  it('asks no longer than a drain may take', async () => {
    answer = (socket) => {
      socket.destroy();
    };
    assert.deepEqual(await once(hook(2), 'exit'), [1, null]);
    // Once a second at most; on a busy machine the first answer may come when it is over.
    assert.ok(asked.length >= 1 && asked.length <= 4, String(asked.length));
  });
});

describe("the probes of ProxySQL's container", () => {
  it('end no ProxySQL whose listener somebody has paused: they send its clients elsewhere', async () => {
    assert.deepEqual(at(proxysql, 'readinessProbe', 'tcpSocket'), { port: 'mysql' });
    assert.equal(at(proxysql, 'livenessProbe', 'tcpSocket'), undefined);
    const [program = '', ...words] = listAt(at(proxysql, 'livenessProbe', 'exec') ?? null, 'command') as string[];
    const admin = createServer();
    await new Promise<void>((resolve) => admin.listen(0, '127.0.0.1', resolve));
    const { port } = admin.address() as AddressInfo;
    const probe = async (): Promise<unknown> => {
      const local = words.map((word) => word.replaceAll('/6032', `/${port}`));
      const [code] = (await once(spawn(program, local, { stdio: 'ignore' }), 'exit')) as [number];
      return code;
    };
    assert.equal(await probe(), 0);
    admin.closeAllConnections();
    admin.close();
    await once(admin, 'close');
    assert.notEqual(await probe(), 0);
  });
});
