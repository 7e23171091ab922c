import type { GroupSpec } from './group-spec.ts';
import { type Declared, isOwnSecret, nameSecret, type SentPassword } from './legacy-passwords.ts';

/** A client certificate and its key as the old API takes them, one at a time; empty: not this one. */
export type TlsPart = { readonly certificate: string; readonly key: string };

/**
 * Adds a client certificate's parts to a declaration. The old API kept them and used none; a group uses the pair once
 * it has TLS and both were given.
 */
export function declareTls(
  { certificate, key }: TlsPart,
  declared: Declared,
  before: GroupSpec | null,
  taken: ReadonlySet<string>,
): Declared {
  const { name } = declared.spec;
  const pick = (known: string | undefined, what: string) =>
    known !== undefined && isOwnSecret(known, name, taken) ? known : nameSecret(`${name}-${what}`, name, taken);
  const names = {
    certificate: pick(before?.clientCertificateSecret, 'client-cert'),
    key: pick(before?.clientKeySecret, 'client-key'),
  };
  const sent: SentPassword[] = [
    ...(certificate === '' ? [] : [{ secret: names.certificate, value: certificate }]),
    ...(key === '' ? [] : [{ secret: names.key, value: key }]),
  ];
  if (sent.length === 0) return declared;
  const useSsl = (declared.spec['serverDefaults'] as { readonly useSsl?: boolean } | undefined)?.useSsl === true;
  const isPair = sent.length === 2 && useSsl;
  const pair = isPair ? { clientCertificateSecret: names.certificate, clientKeySecret: names.key } : {};
  return { spec: { ...declared.spec, ...pair }, passwords: [...declared.passwords, ...sent] };
}
