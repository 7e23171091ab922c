import type { Clock } from '../../process/clock.ts';
import type { SecretBox } from '../adapters/secret-box.ts';
import { labelName } from '../core/names.ts';
import type { Problem } from '../core/problems.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import { secretResource, type StoredSecret } from '../core/stored-secret.ts';
import { CoordinatorError } from '../errors.ts';
import type { SecretVault, Store } from '../ports.ts';
import { type AdminFault, type AdminResult, conflict, invalid, precondition, unknown } from './admin-result.ts';

export type SecretAdminDeps = {
  readonly store: Store;
  readonly clock: Clock;
  /** Null: no SECRET_KEY_FILE is configured. */
  readonly box: SecretBox | null;
};

/** What may be told of a secret. */
export type SecretView = Pick<StoredSecret, 'name' | 'changedAtMs'> & {
  readonly keyId: string;
  readonly resource: string;
};

const valueCharactersMax = 65_536;

/** Keeps secrets in the store, encrypted; shows only their names. */
export class SecretAdmin implements SecretVault {
  readonly #deps: SecretAdminDeps;

  constructor(deps: SecretAdminDeps) {
    this.#deps = deps;
  }

  async list(): Promise<AdminResult<{ readonly secrets: readonly SecretView[]; readonly keyId: string }>> {
    const { store, box } = this.#deps;
    const secrets = (await store.list(prefixes.secrets)).map(({ value }) => viewOf(value));
    const keyId = box === null ? '' : await box.currentKeyId().catch(() => '');
    return { ok: true, value: { secrets, keyId } };
  }

  /** One of value and resource. */
  async put(
    name: string,
    given: { readonly value: string; readonly resource: string },
  ): Promise<AdminResult<SecretView>> {
    const problems = findProblems(name, given);
    if (problems.length > 0) return invalid(problems);
    const { store, clock } = this.#deps;
    const key = keys.secret(name);
    const changedAtMs = clock.nowMs();
    const sealed = given.resource === '' ? await this.#seal(key, given.value) : null;
    if (sealed !== null && 'ok' in sealed) return sealed;
    const secret: StoredSecret =
      sealed === null
        ? { name, changedAtMs, kind: 'resource', resource: given.resource }
        : { name, changedAtMs, kind: 'sealed', box: sealed };
    const known = await store.get(key);
    const event = this.#event(name, known === null ? 'CREATED' : 'CHANGED');
    await store.commit({ writes: [{ key, value: secret, ifRevision: null }], events: [event] });
    return { ok: true, value: viewOf(secret) };
  }

  async delete(name: string): Promise<AdminResult<null>> {
    const { store } = this.#deps;
    const stored = labelName.pattern.test(name) ? await store.get(keys.secret(name)) : null;
    if (stored === null) return unknown('secret', name);
    const users = (await store.list(prefixes.groups)).filter(({ value }) =>
      // Every field that names a secret ends so; other names may be the same.
      JSON.stringify(value).includes(`Secret":"${name}"`),
    );
    if (users.length > 0) {
      const groups = users.slice(0, 20).map(({ value }) => value.name);
      return precondition(`secret ${name} is named by ${groups.join(', ')}`);
    }
    const write = { key: stored.key, value: null, ifRevision: stored.revision };
    const result = await store.commit({ writes: [write], events: [this.#event(name, 'DELETED')] });
    return result.outcome === 'committed'
      ? { ok: true, value: null }
      : conflict(`secret ${name} is being changed; try again`);
  }

  /** Encrypts what another key encrypted with the newest one. Each by itself: one that is changed meanwhile has it already. */
  async rotateKey(): Promise<AdminResult<{ readonly keyId: string; readonly names: readonly string[] }>> {
    const { store, box } = this.#deps;
    if (box === null) return noKey();
    const names: string[] = [];
    try {
      const keyId = await box.currentKeyId();
      for (const { key, value, revision } of await store.list(prefixes.secrets)) {
        if (value.kind !== 'sealed' || value.box.keyId === keyId) continue;
        const sealed = await box.seal(key, await box.open(key, value.box));
        const result = await store.commit({
          writes: [{ key, value: { ...value, box: sealed }, ifRevision: revision }],
        });
        if (result.outcome === 'committed') names.push(value.name);
      }
      return { ok: true, value: { keyId, names } };
    } catch (error) {
      return keyFault(error);
    }
  }

  async keep(name: string, value: string): ReturnType<SecretVault['keep']> {
    if (await this.#holds(name, value)) return { ok: true };
    const result = await this.put(name, { value, resource: '' });
    return result.ok ? { ok: true } : { ok: false, message: result.message };
  }

  async #holds(name: string, value: string): Promise<boolean> {
    const { store, box } = this.#deps;
    if (box === null || !labelName.pattern.test(name)) return false;
    const stored = await store.get(keys.secret(name));
    if (stored?.value.kind !== 'sealed') return false;
    return (await box.open(stored.key, stored.value.box).catch(() => null)) === value;
  }

  async #seal(key: string, value: string) {
    const { box } = this.#deps;
    if (box === null) return noKey();
    try {
      return await box.seal(key, value);
    } catch (error) {
      return keyFault(error);
    }
  }

  #event(subject: string, reason: string): NewEvent {
    return { atMs: this.#deps.clock.nowMs(), group: '', kind: 'SECRET', subject, reason, message: '' };
  }
}

function findProblems(
  name: string,
  { value, resource }: { readonly value: string; readonly resource: string },
): Problem[] {
  const problems: Problem[] = [];
  if (!labelName.pattern.test(name)) {
    problems.push({ field: 'name', value: JSON.stringify(name.slice(0, 80)), allowed: labelName.allowed });
  }
  if ((value === '') === (resource === '')) {
    problems.push({ field: 'value', value: '(hidden)', allowed: 'either a value or a resource' });
  }
  if (value.length > valueCharactersMax) {
    problems.push({ field: 'value', value: '(hidden)', allowed: `at most ${valueCharactersMax} characters` });
  }
  if (resource !== '' && !secretResource.pattern.test(resource)) {
    problems.push({ field: 'resource', value: '(hidden)', allowed: secretResource.allowed });
  }
  return problems;
}

function viewOf(secret: StoredSecret): SecretView {
  const { name, changedAtMs } = secret;
  return secret.kind === 'sealed'
    ? { name, changedAtMs, keyId: secret.box.keyId, resource: '' }
    : { name, changedAtMs, keyId: '', resource: secret.resource };
}

function noKey(): AdminFault {
  return precondition('this coordinator has no SECRET_KEY_FILE to encrypt secrets with');
}

function keyFault(error: unknown): AdminFault {
  if (error instanceof CoordinatorError && error.code === 'SECRET_MISSING') return precondition(error.message);
  throw error;
}
