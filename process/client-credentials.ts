import { readFileSync } from 'node:fs';
import { type ChannelCredentials, type ChannelOptions, credentials, Metadata } from '@grpc/grpc-js';

/** How a client proves who it is, and knows whom it talks to. Files are read again at each connect. */
export type ClientSecurity = {
  /** Null: plain text. */
  readonly tls: {
    /** Authorities of the server; null: those of the system. */
    readonly caFile: string | null;
    readonly certificateFile: string | null;
    readonly keyFile: string | null;
    /** The name in the server's certificate; null: the host that is called. */
    readonly serverName: string | null;
  } | null;
  /** Holds a bearer token; null: none. */
  readonly tokenFile: string | null;
};

/** What one connection is opened with. */
export type ConnectionSecurity = {
  readonly credentials: ChannelCredentials;
  readonly options: ChannelOptions;
  readonly metadata: Metadata;
};

/**
 * Reads what one connection needs.
 *
 * @throws {Error} that names the file; never anything that stands in it.
 */
export function readConnectionSecurity({ tls, tokenFile }: ClientSecurity): ConnectionSecurity {
  const metadata = new Metadata();
  const token = readOptional(tokenFile)?.toString().trim();
  if (token !== undefined) {
    if (!/^[\x21-\x7e]+$/.test(token)) throw new Error(`${tokenFile ?? ''} holds no token`);
    metadata.set('authorization', `Bearer ${token}`);
  }
  if (tls === null) return { credentials: credentials.createInsecure(), options: {}, metadata };
  const { serverName } = tls;
  const options =
    serverName === null ? {} : { 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName };
  return { credentials: createTls(tls), options, metadata };
}

function createTls({ caFile, certificateFile, keyFile }: NonNullable<ClientSecurity['tls']>): ChannelCredentials {
  const [ca, certificate, key] = [readOptional(caFile), readOptional(certificateFile), readOptional(keyFile)];
  try {
    return credentials.createSsl(ca, key, certificate);
  } catch {
    // What the library says of a bad key may quote it; while a pair is being exchanged, one of the two may be older.
    const files = [caFile, certificateFile, keyFile].filter((file) => file !== null).join(', ');
    throw new Error(`${files} cannot be used together as authority, certificate and key`);
  }
}

function readOptional(file: string | null): Buffer | null {
  if (file === null) return null;
  try {
    return readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Error(`${file} cannot be read (${code})`, { cause: error });
  }
}
