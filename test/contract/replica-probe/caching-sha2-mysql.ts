import { constants, createHash, generateKeyPairSync, privateDecrypt, randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  errorPayload,
  framePackets,
  greetingPayload,
  okPayload,
  PacketSplitter,
  resultPayloads,
  type SqlRows,
} from '../../../sandbox/cloudsql/mysql-wire.ts';

export type CachingSha2Mysql = { readonly port: number; close(): void };

const plugin = 'caching_sha2_password';
const [publicKeyAsked, perform, fast] = [2, 4, 3];
const [moreData, authSwitch] = [0x01, 0xfe];

/**
 * A server that takes logins as MySQL 8.4 does, by caching_sha2_password alone. With a cold cache it wants the whole
 * password, encrypted by its public key; with a warm one a proof is enough.
 *
 * @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html
 */
export async function startCachingSha2Mysql(
  { password, isCacheWarm }: { readonly password: string; readonly isCacheWarm: boolean },
  answer: (sql: string) => SqlRows,
): Promise<CachingSha2Mysql> {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.on('error', () => socket.destroy());
    const scramble = Buffer.from(randomBytes(20).map((byte) => (byte % 127) + 1));
    const splitter = new PacketSplitter();
    const send = (sequence: number, ...payloads: readonly Buffer[]) =>
      socket.write(framePackets(sequence, [...payloads]));
    let step: (sequence: number, payload: Buffer) => void = login;
    socket.on('data', (chunk) => {
      for (const { sequence, payload } of splitter.push(chunk)) step(sequence + 1, payload);
    });
    send(0, greetingPayload('8.4.5', 41, scramble));

    function login(sequence: number): void {
      send(sequence, Buffer.concat([Buffer.from([authSwitch]), Buffer.from(`${plugin}\0`), scramble, Buffer.alloc(1)]));
      step = proof;
    }
    function proof(sequence: number, token: Buffer): void {
      if (!token.equals(proofOf(password, scramble))) deny(sequence);
      else if (isCacheWarm) admit(sequence, Buffer.from([moreData, fast]));
      else {
        send(sequence, Buffer.from([moreData, perform]));
        step = keyRequest;
      }
    }
    function keyRequest(sequence: number, payload: Buffer): void {
      if (payload.length !== 1 || payload[0] !== publicKeyAsked) {
        deny(sequence);
        return;
      }
      send(sequence, Buffer.concat([Buffer.from([moreData]), Buffer.from(pem)]));
      step = encrypted;
    }
    function encrypted(sequence: number, payload: Buffer): void {
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      const masked = privateDecrypt({ key: keys.privateKey, padding }, payload);
      const text = Buffer.from(masked.map((byte, index) => byte ^ (scramble[index % scramble.length] ?? 0))).toString();
      if (text === `${password}\0`) admit(sequence);
      else deny(sequence);
    }
    function admit(sequence: number, ...before: readonly Buffer[]): void {
      send(sequence, ...before, okPayload());
      step = (next, payload) => {
        send(next, ...resultPayloads(answer(payload.subarray(1).toString())));
      };
    }
    function deny(sequence: number): void {
      socket.end(framePackets(sequence, [errorPayload(1045, '28000', 'Access denied')]));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const client of clients) client.destroy();
      server.close();
    },
  };
}

/** SHA256(password) XOR SHA256(SHA256(SHA256(password)) + scramble). */
function proofOf(password: string, scramble: Buffer): Buffer {
  const hash = (...parts: readonly (string | Buffer)[]) =>
    parts.reduce((digest, part) => digest.update(part), createHash('sha256')).digest();
  const mask = hash(hash(hash(password)), scramble);
  return Buffer.from(hash(password).map((byte, index) => byte ^ (mask[index] ?? 0)));
}
