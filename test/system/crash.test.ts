import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EmbeddedStore } from '../../coordinator/adapters/store-embedded.ts';
import { keys, prefixes } from '../../coordinator/core/records.ts';
import { monitorVariables } from '../../sandbox/demo/story.ts';
import { World } from '../../sandbox/demo/world.ts';
import { Cycle, primariesOf } from './crash/cycle.ts';
import { CrashDesk, type CrashPoint, type CrashRecord, isOfEvents, partOf } from './crash/points.ts';
import { bundledProgram } from '../bundled-program.ts';

/** `all`, or a part of the names of those that are wanted; unset: every fifth write by which something is decided. */
const wanted = process.env['CRASH_POINTS'] ?? '';
const isAll = wanted === 'all';
/** A world's groups stay in it; so many are no burden yet. */
const cyclesPerWorld = 10;
const every = 5;
const programOf = (name: string) => fileURLToPath(new URL(`crash/${name}.js`, import.meta.url));

/**
 * Real processes. The coordinator dies by SIGKILL at one write of one whole scale-out and scale-in, then runs again. Where
 * not all points are tried, one cycle has two: one death in its scale-out, and one in its scale-in.
 */
describe('a coordinator that dies at any of its writes', { timeout: 3_600_000 }, () => {
  it('scales out and in by exactly one replica', async (context) => {
    const worlds = new Worlds();
    try {
      const { names } = await worlds.play([]);
      for (const [index, name] of names.entries()) context.diagnostic(`write ${index + 1}: ${name}`);
      const todo = choose(pointsOf(names));
      assert.notEqual(todo.length, 0, `no write is called ${wanted}`);
      const known = new Set(names);
      let deaths = 0;
      for (const points of todo) {
        deaths += points.length;
        await context.test(points.map(titleOf).join(', '), async () => {
          const played = await worlds.playUntilDeath(points);
          // What this run wrote and no run before: timing alone decides about some writes.
          const found = played.names.filter((name) => !known.has(name));
          for (const name of found) known.add(name);
          if (isAll) todo.push(...pointsOf(found).map((point) => [point]));
        });
      }
      context.diagnostic(`${deaths} deaths, at ${known.size} different writes`);
      await worlds.check();
    } finally {
      await worlds.end();
    }
  });
});

/** Every write is a place to die after; before it, what it was to record may have been done outside already. */
function pointsOf(names: readonly string[]): CrashPoint[] {
  return names.flatMap((name) => [
    { name, side: 'before' },
    { name, side: 'after' },
  ]);
}

function titleOf({ side, name }: CrashPoint): string {
  return `${side} ${name}`;
}

/** The points of each cycle. */
function choose(points: readonly CrashPoint[]): CrashPoint[][] {
  if (isAll) return points.map((point) => [point]);
  if (wanted !== '') return points.filter((point) => titleOf(point).includes(wanted)).map((point) => [point]);
  const deciding = points.filter((point) => point.side === 'after' && !isOfEvents(point));
  return pair(deciding.filter((_, index) => index % every === 0));
}

/** The first of the scale-out with the first of the scale-in, and so on. */
function pair(points: readonly CrashPoint[]): CrashPoint[][] {
  const parts = [...new Set(points.map(partOf))].map((part) => points.filter((point) => partOf(point) === part));
  const cycles = Math.max(0, ...parts.map(({ length }) => length));
  return Array.from({ length: cycles }, (_, index) => parts.flatMap((part) => part[index] ?? []));
}

/** Bundles the coordinator that dies, as `chester` is: it starts in half the time. Without a bundle of that it stays as it is. */
function bundleCoordinator(folder: string): string {
  if (bundledProgram === undefined) return programOf('coordinator');
  const entry = 'test/system/crash/coordinator.ts';
  const { status, stderr } = spawnSync(process.execPath, ['scripts/bundle-chester.mjs', folder, entry], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return path.join(folder, 'chester', 'lib', 'bin', 'coordinator.js');
}

/** Worlds one after the other, each good for some cycles. */
class Worlds {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'chester-crash-'));
  readonly #desk = new CrashDesk(this.#folder);
  readonly #coordinator = bundleCoordinator(this.#folder);
  #world: World | null = null;
  #groups: string[] = [];

  async play(points: readonly CrashPoint[]): Promise<CrashRecord> {
    if (this.#groups.length === cyclesPerWorld) {
      await this.check().finally(() => this.#stop());
    }
    this.#world ??= await this.#start();
    const cycle = new Cycle(this.#world, this.#desk, this.#groups.length, points);
    this.#groups.push(cycle.group);
    try {
      return await cycle.play();
    } catch (error) {
      // Whatever it left behind is nothing for the next one.
      await this.#stop();
      throw error;
    }
  }

  /** Some writes come by timing only: a second and a third run may have them. */
  async playUntilDeath(points: readonly CrashPoint[]): Promise<CrashRecord> {
    let todo = points;
    for (let tries = 0; tries < 3; tries += 1) {
      const played = await this.play(todo);
      todo = todo.filter(({ name }) => !played.deaths.some((death) => death.name === name));
      if (todo.length === 0) return played;
    }
    assert.fail(`three runs did not write: ${todo.map(({ name }) => name).join(', ')}`);
  }

  async end(): Promise<void> {
    await this.#stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<World> {
    const world = new World({
      program: bundledProgram,
      proxysql: null,
      proxies: 2,
      cloudSql: {
        ...{ operationPendingMs: 10, createMs: 100, patchMs: 20, deleteMs: 300 },
        primaries: primariesOf(cyclesPerWorld),
      },
      coordinatorProgram: this.#coordinator,
      agentProgram: programOf('agent'),
      coordinatorEnv: { CRASH_FOLDER: this.#folder },
      agentEnv: { LOAD_INTERVAL_MS: '0' },
    });
    this.#world = world;
    await world.start();
    const client = world.adminClient();
    await client.putFleet(world.fleet, monitorVariables);
    client.close();
    return world;
  }

  /** Looks into the store of the present world, which ends with it. */
  async check(): Promise<void> {
    if (this.#world === null) return;
    await this.#world.killCoordinator();
    await checkStore(path.join(this.#world.folder, 'coordinator', 'store.sqlite'), this.#groups);
  }

  async #stop(): Promise<void> {
    const world = this.#world;
    this.#world = null;
    this.#groups = [];
    await world?.stop();
  }
}

/** Each group has its two incidents, both ended, no replica, and wants none. */
async function checkStore(file: string, groups: readonly string[]): Promise<void> {
  const store = EmbeddedStore.open({ file });
  try {
    for (const group of groups) {
      const incidents = await store.list(prefixes.incidents(group));
      const states = incidents.map(({ value }) => value.state);
      assert.deepEqual(states, ['closed', 'closed'], group);
      assert.deepEqual(await store.list(prefixes.replicas(group)), [], group);
      assert.equal((await store.get(keys.scaling(group)))?.value.desired, 0, group);
    }
  } finally {
    store.close();
  }
}
