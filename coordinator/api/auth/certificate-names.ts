import type { PeerCertificate } from 'node:tls';

const namesMax = 32;

/**
 * The names in a certificate that was verified: `CN=…` of its subject, `URI:…` and `DNS:…` of its alternative names.
 * One whose names are quoted has characters in it that a name here does not have, and counts for nothing.
 */
export function certificateNames({ subject, subjectaltname }: PeerCertificate): readonly string[] {
  const { CN } = subject as { readonly CN?: string | readonly string[] };
  const common = typeof CN === 'string' ? [`CN=${CN}`] : [];
  const alternative = (subjectaltname ?? '').split(', ').filter((name) => /^(?:URI|DNS):[^\s",]+$/.test(name));
  return [...common, ...alternative].slice(0, namesMax);
}
