import { type Address, addressOf } from './rows.ts';
import type { GroupTarget, SnapshotBody } from './snapshot.ts';
import type { PlanTableOptions, TableDescription, TablePlan, TableRow, TableView } from './table.ts';
import { planTable } from './table-plan.ts';

/**
 * `mysql_servers_ssl_params`, which LOAD MYSQL SERVERS publishes: the files with which ProxySQL connects to a server.
 * Their names say what is in them, so a new certificate is a new file and a changed row, and never a file that changes
 * under a running proxy.
 */
export const tlsParamsTable: TableDescription = {
  name: 'mysql_servers_ssl_params',
  module: 'MYSQL SERVERS',
  siblings: {},
  primaryKey: ['hostname', 'port', 'username'],
  identity: ['hostname', 'port', 'username'],
  columns: {
    hostname: null,
    port: '3306',
    username: '',
    ssl_ca: '',
    ssl_cert: '',
    ssl_key: '',
    ssl_capath: '',
    ssl_crl: '',
    ssl_crlpath: '',
    ssl_cipher: '',
    tls_version: '',
    comment: '',
  },
  secrets: [],
  hasActive: false,
  inRuntime: (row) => [row],
  incomparable: () => [],
};

/** One file that ProxySQL reads. */
export type CertificateFile = {
  /** Without the folder; it begins with the kind and names its content. */
  readonly name: string;
  readonly kind: 'ca' | 'cert' | 'key';
  readonly pem: string;
};

/** How contents get their names, and where the files are. */
export type TlsOptions = {
  readonly folder: string;
  readonly digest: (text: string) => string;
};

/** Lists the files that a group's servers need. */
export function listCertificateFiles(body: GroupTarget['body'], { digest }: TlsOptions): readonly CertificateFile[] {
  if (body.kind === 'removed') return [];
  const used = new Set(body.servers.map((server) => server.caId));
  const cas = body.certificates.filter(({ id }) => used.has(id));
  const files = cas.map(({ id, pem }): CertificateFile => ({ name: caName(id), kind: 'ca', pem }));
  const client = body.clientCertificate;
  if (client === null || renderParams('', body, { folder: '', digest }).length === 0) return files;
  const names = clientNames(client, digest);
  return [
    ...files,
    { name: names.cert, kind: 'cert', pem: client.certificatePem },
    { name: names.key, kind: 'key', pem: client.keyPem },
  ];
}

/** Names the files in the folder that are ours and that no row refers to. */
export function listUnusedFiles(
  names: readonly string[],
  view: TableView,
  wanted: readonly CertificateFile[],
): readonly string[] {
  const used = new Set(wanted.map(({ name }) => name));
  for (const row of [...view.memory, ...view.runtime]) {
    for (const column of ['ssl_ca', 'ssl_cert', 'ssl_key']) used.add(row[column]?.replace(/^.*\//, '') ?? '');
  }
  return names.filter((name) => /^(?:ca|cert|key)-[0-9a-f]+\.pem$/.test(name) && !used.has(name));
}

/**
 * Plans the rows of all groups' servers.
 *
 * @param isStanding Whether an address has a row in mysql_servers, in memory or runtime: what drains keeps its parameters.
 */
export function planTlsParams(
  targets: readonly GroupTarget[],
  view: TableView,
  options: TlsOptions & Pick<PlanTableOptions, 'columns'> & { readonly isStanding: (address: string) => boolean },
): TablePlan {
  const demands = targets.map(({ group, body }) => {
    // Seldom asked for, and with many servers not for nothing.
    let named: ReadonlySet<string> | null = null;
    return {
      group,
      rows: body.kind === 'removed' ? [] : renderParams(group, body, options),
      adoptExisting: body.kind === 'snapshot' && body.policy.adoptExisting,
      claims: () => false,
      keeps: (row: TableRow) => {
        const address = addressOf(readAddress(row));
        named ??= new Set(body.kind === 'removed' ? [] : body.servers.map(addressOf));
        return options.isStanding(address) && !named.has(address);
      },
    };
  });
  return planTable(demands, view, { table: tlsParamsTable, columns: options.columns });
}

/** Lists what is wrong with a group's certificates. */
export function findCertificateProblems(body: SnapshotBody): readonly string[] {
  const problems: string[] = [];
  const known = new Set(body.certificates.map(({ id }) => id));
  for (const { id, pem } of body.certificates) {
    if (!/^[0-9a-f]{8,128}$/.test(id)) problems.push(`certificates: id ${JSON.stringify(id)} is no hash`);
    if (!isPem(pem)) problems.push(`certificates: ${id} is not in PEM form`);
  }
  for (const server of body.servers) {
    if (server.caId === '') continue;
    if (!known.has(server.caId)) problems.push(`servers: ${addressOf(server)}: certificate ${server.caId} is missing`);
    if (!server.useSsl) problems.push(`servers: ${addressOf(server)} has a certificate, but use_ssl is 0`);
  }
  const client = body.clientCertificate;
  if (client !== null && !isPem(client.certificatePem)) problems.push('client_certificate: not in PEM form');
  if (client !== null && !isPem(client.keyPem)) problems.push('client_certificate: the key is not in PEM form');
  return [...problems, ...findDisputes(body)];
}

/** One row serves an address in whatever hostgroup it stands. */
function findDisputes({ servers }: SnapshotBody): readonly string[] {
  const first = new Map<string, string>();
  return servers.flatMap((server) => {
    const address = addressOf(server);
    const caId = first.get(address) ?? server.caId;
    first.set(address, caId);
    return caId === server.caId ? [] : [`servers: ${address} has two certificates, ${caId} and ${server.caId}`];
  });
}

/** Whether a group needs rows in this table. */
export function needsTlsParams(body: GroupTarget['body']): boolean {
  return body.kind === 'snapshot' && body.servers.some((server) => hasParams(server, body));
}

function hasParams(server: SnapshotBody['servers'][number], body: SnapshotBody): boolean {
  return server.useSsl && (server.caId !== '' || body.clientCertificate !== null);
}

function renderParams(group: string, body: SnapshotBody, { folder, digest }: TlsOptions): readonly TableRow[] {
  const client = body.clientCertificate === null ? null : clientNames(body.clientCertificate, digest);
  const rows = body.servers
    .filter((server) => hasParams(server, body))
    .map((server) => ({
      hostname: server.hostname,
      port: String(server.port),
      ssl_ca: server.caId === '' ? '' : `${folder}/${caName(server.caId)}`,
      ssl_cert: client === null ? '' : `${folder}/${client.cert}`,
      ssl_key: client === null ? '' : `${folder}/${client.key}`,
      comment: `chester ${group} tls`,
    }));
  return [...new Map(rows.map((row) => [addressOf(readAddress(row)), row])).values()];
}

function readAddress(row: TableRow): Address {
  return { hostname: row['hostname'] ?? '', port: Number(row['port'] ?? 0) };
}

function caName(id: string): string {
  return `ca-${id}.pem`;
}

/** Certificate and key share a name, so that they are never of two pairs. */
function clientNames(
  client: NonNullable<SnapshotBody['clientCertificate']>,
  digest: TlsOptions['digest'],
): { readonly cert: string; readonly key: string } {
  const id = digest(`${client.certificatePem}\n${client.keyPem}`);
  return { cert: `cert-${id}.pem`, key: `key-${id}.pem` };
}

function isPem(text: string): boolean {
  return text.includes('-----BEGIN ') && !text.includes('\0');
}
