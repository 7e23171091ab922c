import type { Clock } from '../../process/clock.ts';
import type { Check } from '../core/check.ts';
import { type DoctorFacts, judge, permissionsNeeded } from '../core/doctor.ts';
import type { SecretReading } from '../core/credentials.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import type { Voter } from '../core/ballots.ts';
import { voterNotCompared } from '../core/freeze.ts';
import { keys, prefixes } from '../core/records.ts';
import { addressOf } from '../core/replica.ts';
import type {
  Diagnosis,
  GoogleProject,
  ProbeTarget,
  ProxySecrets,
  ServerInspector,
  Store,
  StoreInspector,
} from '../ports.ts';

export type DoctorDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly google: GoogleProject;
  readonly inspector: ServerInspector;
  readonly storeInspector: StoreInspector;
  readonly secrets: ProxySecrets;
};

/** A group with more servers is looked at in part: the primary and the first of the others. */
const serversMax = 12;

/** Gathers what `core/doctor` judges: all questions at once, each with its own deadline. */
export class Doctor implements Diagnosis {
  readonly #deps: DoctorDeps;

  constructor(deps: DoctorDeps) {
    this.#deps = deps;
  }

  async diagnose(spec: GroupSpec): Promise<readonly Check[]> {
    const { google, store, clock } = this.#deps;
    const [permissions, primary, servers, missingSecrets, voters] = await Promise.all([
      google.testPermissions(spec.project, permissionsNeeded),
      google.readPrimary(spec.project, spec.primary),
      this.#askServers(spec),
      this.#findMissingSecrets(spec),
      store.list(prefixes.voters(spec.name)),
    ]);
    const control = await this.#readControl(
      spec.name,
      voters.map(({ value }) => value),
    );
    const proxies = voters.length;
    return judge({ spec, control, permissions, primary, servers, missingSecrets, proxies, nowMs: clock.nowMs() });
  }

  async #readControl(group: string, voters: readonly Voter[]): Promise<DoctorFacts['control']> {
    const { store, storeInspector } = this.#deps;
    const [standing, holder, stored] = await Promise.all([
      storeInspector.standing(),
      store.leaseHolder(),
      store.get(keys.freeze(group)),
    ]);
    const freeze = stored?.value ?? null;
    const notCompared = freeze === null ? [] : voterNotCompared(freeze, voters);
    return { store: standing, holder, freeze, notCompared };
  }

  async #askServers(spec: GroupSpec): Promise<DoctorFacts['servers']> {
    const { store, inspector } = this.#deps;
    const [topology, replicas] = await Promise.all([
      store.get(keys.topology(spec.name)),
      store.list(prefixes.replicas(spec.name)),
    ]);
    const { port } = spec;
    const servers = [
      ...(topology === null ? [] : [{ name: spec.primary, hostname: topology.value.primaryAddress, port }]),
      ...replicas.flatMap(({ value }) => {
        const hostname = addressOf(value);
        return hostname === null || value.state === 'deleting' ? [] : [{ name: value.name, hostname, port }];
      }),
      ...spec.staticReaders.map((server) => ({ name: 'static reader', hostname: server.hostname, port: server.port })),
    ];
    return Promise.all(
      servers.slice(0, serversMax).map(async ({ name, hostname, port: serverPort }) => ({
        name,
        address: `${hostname}:${serverPort}`,
        finding: await inspector.inspect(targetOf(spec, hostname, serverPort)),
      })),
    );
  }

  async #findMissingSecrets(spec: GroupSpec): Promise<DoctorFacts['missingSecrets']> {
    const { secrets } = this.#deps;
    const named = spec.users.map(({ username, passwordSecret }) => ({ usedFor: `user ${username}`, passwordSecret }));
    const readings = await Promise.all(
      named.map(async ({ usedFor, passwordSecret }) => ({
        usedFor,
        reading: await secrets.readPasswordHash(passwordSecret),
      })),
    );
    const { clientCertificateSecret: certificate, clientKeySecret: key } = spec;
    if (certificate !== undefined && key !== undefined) {
      const reading = await secrets.readClientCertificate(certificate, key);
      if (reading.outcome === 'missing')
        return [...missingOf(readings), { usedFor: 'client certificate', reason: reading.reason }];
    }
    return missingOf(readings);
  }
}

function missingOf(readings: readonly { readonly usedFor: string; readonly reading: SecretReading<unknown> }[]) {
  return readings.flatMap(({ usedFor, reading }) =>
    reading.outcome === 'read' ? [] : [{ usedFor, reason: reading.reason }],
  );
}

function targetOf(spec: GroupSpec, hostname: string, port: number): ProbeTarget {
  const { username, passwordSecret } = spec.gate;
  return { hostname, port, username, passwordSecret, useSsl: spec.serverDefaults.useSsl };
}
