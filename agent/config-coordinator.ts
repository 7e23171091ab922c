import type { ClientSecurity } from '../process/client-credentials.ts';
import type { EnvironmentReader } from '../process/environment.ts';
import { isLoopback } from '../process/loopback.ts';

/** Rows of `chester agent --help`. */
export const coordinatorSecurityHelp = [
  {
    name: 'COORDINATOR_CA_FILE',
    default: '',
    meaning: "authorities of the coordinators' certificates, PEM; with it, TLS",
  },
  {
    name: 'COORDINATOR_CERT_FILE',
    default: '',
    meaning: 'certificate that this agent shows, PEM; read at each connect',
  },
  { name: 'COORDINATOR_KEY_FILE', default: '', meaning: 'its key, PEM' },
  {
    name: 'COORDINATOR_TOKEN_FILE',
    default: '',
    meaning: "this pod's service-account token, which it shows; read at each connect",
  },
  { name: 'COORDINATOR_SERVER_NAME', default: "the address's host", meaning: "name in the coordinators' certificates" },
  { name: 'COORDINATOR_TLS', default: 'false', meaning: "TLS with the system's authorities: true, false" },
  { name: 'INSECURE_COORDINATOR', default: 'false', meaning: 'allows plain text to another machine: true, false' },
] as const;

const serverNameRule = { pattern: /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, allowed: 'a DNS name' };

/** Parses how the agent talks to coordinators; problems go to `reader`. */
export function parseCoordinatorSecurity(reader: EnvironmentReader, address: string): ClientSecurity {
  const file = (name: string): string | null => reader.text(name, '') || null;
  const caFile = file('COORDINATOR_CA_FILE');
  const certificateFile = file('COORDINATOR_CERT_FILE');
  const keyFile = file('COORDINATOR_KEY_FILE');
  const tokenFile = file('COORDINATOR_TOKEN_FILE');
  const serverName = reader.text('COORDINATOR_SERVER_NAME', '', serverNameRule) || null;
  const isEncrypted = reader.boolean('COORDINATOR_TLS', false) || caFile !== null || certificateFile !== null;
  const isInsecureAllowed = reader.boolean('INSECURE_COORDINATOR', false);
  if ((certificateFile === null) !== (keyFile === null)) {
    reader.problems.push('COORDINATOR_CERT_FILE and COORDINATOR_KEY_FILE: set both, or neither');
  }
  if (!isEncrypted && !isLoopback(address) && !isInsecureAllowed) {
    reader.problems.push(
      `COORDINATOR_ADDRESS is ${JSON.stringify(address)}; allowed without encryption: an address of this machine. ` +
        'Set COORDINATOR_CA_FILE, or COORDINATOR_TLS=true, or INSECURE_COORDINATOR=true',
    );
  }
  if (!isEncrypted && tokenFile !== null && !isLoopback(address)) {
    reader.problems.push(
      'COORDINATOR_TOKEN_FILE is set; allowed only with COORDINATOR_CA_FILE or COORDINATOR_TLS=true',
    );
  }
  return { tls: isEncrypted ? { caFile, certificateFile, keyFile, serverName } : null, tokenFile };
}
