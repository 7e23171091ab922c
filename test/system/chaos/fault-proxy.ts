import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** What happens to connections through the proxy. */
export type Weather =
  | { readonly kind: 'clear' }
  /** Everything comes so much later. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Nothing comes through, of this share of connections; what was sent arrives when that is over. */
  | { readonly kind: 'blackhole'; readonly share: number }
  /** New connections are refused. */
  | { readonly kind: 'refuse' };

type Pair = { readonly near: Socket; readonly far: Socket; readonly luck: number };

/** A TCP load balancer between agents and coordinators that can be told to misbehave. */
export class FaultProxy {
  readonly #targets: () => readonly string[];
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #weather: Weather = { kind: 'clear' };
  #next = 0;

  constructor(targets: () => readonly string[]) {
    this.#targets = targets;
    this.#server = createServer((near) => {
      near.on('error', () => near.destroy());
      if (this.#weather.kind === 'refuse') near.resetAndDestroy();
      else this.#dial(near, this.#targets().length);
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  become(weather: Weather): void {
    this.#weather = weather;
    for (const pair of this.#pairs) this.#expose(pair);
  }

  /** Breaks every connection at once. */
  reset(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  async close(): Promise<void> {
    this.reset();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Takes turns among the coordinators; one that does not answer is passed over. */
  #dial(near: Socket, tries: number): void {
    const targets = this.#targets();
    const target = targets[this.#next % targets.length];
    this.#next += 1;
    if (target === undefined || tries === 0) {
      near.resetAndDestroy();
      return;
    }
    const [host = '', port = ''] = target.split(':');
    const far = connect(Number(port), host);
    const fail = (): void => {
      this.#dial(near, tries - 1);
    };
    far.once('error', fail);
    far.once('connect', () => {
      far.off('error', fail);
      this.#join(near, far);
    });
  }

  #join(near: Socket, far: Socket): void {
    const pair: Pair = { near, far, luck: Math.random() };
    this.#pairs.add(pair);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true);
      from.on('data', (bytes: Buffer) => {
        const { kind } = this.#weather;
        if (this.#weather.kind === 'latency') setTimeout(() => to.write(bytes), this.#weather.ms);
        else if (kind !== 'refuse' || !to.destroyed) to.write(bytes);
      });
      from.on('error', () => from.destroy());
      from.on('close', () => {
        this.#pairs.delete(pair);
        to.destroy();
      });
    }
    this.#expose(pair);
  }

  #expose({ near, far, luck }: Pair): void {
    const isCut = this.#weather.kind === 'blackhole' && luck < this.#weather.share;
    for (const socket of [near, far]) {
      if (isCut) socket.pause();
      else socket.resume();
    }
  }
}
