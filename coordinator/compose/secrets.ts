import { LayeredSecrets } from '../adapters/layered-secrets.ts';
import { SecretBox } from '../adapters/secret-box.ts';
import { SecretManager } from '../adapters/secret-manager.ts';
import type { SecretReader } from '../adapters/secrets.ts';
import { SecretAdmin } from '../api/secret-admin.ts';
import type { AccessConfig } from '../config-access.ts';
import type { SecretVault } from '../ports.ts';
import type { Shared } from './shared.ts';

/** Longer than Secret Manager ever takes, shorter than a group may wait. */
const deadlineMs = 5000;

export type ComposedSecrets = {
  /** All there are, the environment's and the files' first. */
  readonly secrets: SecretReader;
  readonly secretAdmin: SecretAdmin;
  /** Null: there is no key to keep secrets with. */
  readonly vault: SecretVault | null;
};

/** Makes what finds secrets, and what keeps them. */
export function composeSecrets(
  { secretKeyFile, secretManagerUrl: rootUrl }: AccessConfig,
  { outside, store, clock }: Pick<Shared, 'store' | 'clock'> & { readonly outside: SecretReader },
): ComposedSecrets {
  const box = secretKeyFile === null ? null : new SecretBox(secretKeyFile);
  const manager = new SecretManager({ clock }, { rootUrl, deadlineMs });
  const secretAdmin = new SecretAdmin({ store, clock, box });
  return {
    secrets: new LayeredSecrets({ outside, store, box, manager }),
    secretAdmin,
    vault: box === null ? null : secretAdmin,
  };
}
