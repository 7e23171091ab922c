import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { SnapshotFile } from '../../../agent/adapters/snapshot-file.ts';
import { AgentError } from '../../../agent/errors.ts';
import { desired, target } from '../fakes/targets.ts';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const state = { maxEpoch: 7, groups: [{ target: target([desired(20, 'a')]), confirmedAtMs: 5 }], fleet: null };

describe('SnapshotFile', () => {
  let folder: string;
  let name: string;
  beforeEach(async () => {
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'chester-file-')), 'state');
    name = path.join(folder, 'last-known-good');
  });
  afterEach(async () => {
    await rm(path.dirname(folder), { recursive: true, force: true });
  });
  const file = (): SnapshotFile => new SnapshotFile(folder, digest);

  it('is nothing at first, and makes its folder for its owner only', async () => {
    assert.deepEqual(await file().read(), { state: null, problem: null });
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
  });

  it('gives back what was written, leaves no temporary file, readable by its owner only', async () => {
    await file().read();
    await file().write(state);
    assert.deepEqual(await file().read(), { state, problem: null });
    assert.deepEqual(await readdir(folder), ['last-known-good']);
    assert.equal((await stat(name)).mode & 0o777, 0o600);
  });

  it('keeps the old one when a crash left half a new one beside it', async () => {
    await file().read();
    await file().write(state);
    await writeFile(`${name}.new`, 'half');
    assert.deepEqual((await file().read()).state, state);
    await file().write({ ...state, maxEpoch: 8 });
    assert.equal((await file().read()).state?.maxEpoch, 8);
  });

  it('does not take over loose permissions of a left temporary file', async () => {
    await file().read();
    await writeFile(`${name}.new`, 'half');
    await chmod(`${name}.new`, 0o666);
    await file().write(state);
    assert.equal((await stat(name)).mode & 0o777, 0o600);
  });

  it('sets a torn file aside and says so', async () => {
    await file().read();
    await file().write(state);
    const text = await readFile(name, 'utf8');
    await writeFile(name, text.slice(0, text.length / 2));
    const { state: found, problem } = await file().read();
    assert.equal(found, null);
    assert.match(problem ?? '', /checksum does not fit/);
    assert.deepEqual(await readdir(folder), ['last-known-good.corrupt']);
  });

  it('says when it cannot be written', async () => {
    await assert.rejects(
      file().write(state),
      (error) => error instanceof AgentError && error.code === 'SNAPSHOT_FILE_FAILED' && error.isRetryable,
    );
  });
});
