import type { AdminClient } from './admin-client.ts';
import { type CallFlags, type CallSettings, readCallSettings } from './settings.ts';
import type { Shell } from './shell.ts';

/** Lets `use` call the coordinator that flags and environment name. gRPC is loaded here, not by `--help`. */
export async function callCoordinator<T>(
  shell: Shell,
  flags: CallFlags,
  use: (client: AdminClient) => Promise<T>,
): Promise<T> {
  const client = await openClient(readCallSettings(flags, shell.env));
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** Opens a client, which its caller closes. */
export async function openClient(settings: CallSettings): Promise<AdminClient> {
  const { AdminClient } = await import('./admin-client.ts');
  return new AdminClient(settings);
}
