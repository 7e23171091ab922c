import { connect } from 'node:net';

/** What a probe of a MySQL server found: the time until it greeted, or why it did not. */
export type ProbeResult =
  { readonly micros: number; readonly error: null } | { readonly micros: 0; readonly error: string };

/** Asks a server whether it is there. Never rejects. */
export type BackendProbe = (
  server: { readonly hostname: string; readonly port: number },
  timeoutMs: number,
) => Promise<ProbeResult>;

const greetingHeaderBytes = 5;
const errorMarker = 0xff;

/** Connects and waits for the first packet of the server's handshake; does not log in. */
export const probeBackend: BackendProbe = ({ hostname, port }, timeoutMs) =>
  new Promise((resolve) => {
    const startedMs = performance.now();
    const socket = connect({ host: hostname, port, timeout: timeoutMs });
    let received = Buffer.alloc(0);
    let silence = `Can't connect to server on '${hostname}' (110)`;
    socket.on('connect', () => {
      silence = "Lost connection to server at 'handshake: reading initial communication packet', system error: 110";
    });
    const finish = (result: ProbeResult): void => {
      socket.destroy();
      resolve(result);
    };
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < greetingHeaderBytes) return;
      const text = received.subarray(greetingHeaderBytes).toString('latin1');
      if (received[4] === errorMarker) finish({ micros: 0, error: text.slice(2) });
      else finish({ micros: Math.max(1, Math.round((performance.now() - startedMs) * 1000)), error: null });
    });
    socket.on('timeout', () => {
      finish({ micros: 0, error: silence });
    });
    const refused = `Can't connect to server on '${hostname}' (115)`;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const isUnknown = error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN';
      finish({ micros: 0, error: isUnknown ? `Unknown server host '${hostname}' (-2)` : refused });
    });
    socket.on('close', () => {
      finish({ micros: 0, error: refused });
    });
  });
