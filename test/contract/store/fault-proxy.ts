import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP relay to a server, with faults: what it does not let through is lost, as on a network. */
export type FaultProxy = {
  readonly port: number;
  /** Lets bytes through again, of connections that begin from now on too. */
  readonly heal: () => void;
  /** Lets requests through, and cuts the connection in place of each answer. */
  readonly cutAnswers: () => void;
  /** Cuts all connections and refuses new ones. */
  readonly refuse: () => void;
  readonly stop: () => Promise<void>;
};

export async function startFaultProxy(serverPort: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let mode: 'heal' | 'cutAnswers' | 'refuse' = 'heal';
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((near) => {
    if (mode === 'refuse') {
      near.destroy();
      return;
    }
    const far = connect(serverPort, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => {
      if (mode === 'cutAnswers') near.destroy();
      else near.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    heal: () => {
      mode = 'heal';
    },
    cutAnswers: () => {
      mode = 'cutAnswers';
    },
    refuse: () => {
      mode = 'refuse';
      cut();
    },
    stop: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
