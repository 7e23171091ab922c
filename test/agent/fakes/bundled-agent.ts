import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `npm run build` puts the bundle. */
export const bundleFolder = fileURLToPath(new URL('../../../chester-agent', import.meta.url));

export type BundledAgentOptions = {
  /** Where the bundle is, or a copy of it. */
  readonly folder: string;
  readonly coordinatorPort: number;
  readonly adminPort: number;
  readonly stateDir: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** The bundled agent as a process of its own, started as a container would: by its name. */
export class BundledAgent {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #log = '';
  #said: (() => void)[] = [];

  constructor({ folder, coordinatorPort, adminPort, stateDir, env }: BundledAgentOptions) {
    this.#process = spawn(path.join(folder, 'chester-agent.cjs'), {
      env: {
        PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
        COORDINATOR_ADDRESS: `127.0.0.1:${coordinatorPort}`,
        CHESTER_FLEET: 'shop',
        AGENT_ID: 'proxy-0',
        STATE_DIR: stateDir,
        PROXYSQL_ADMIN_PORT: String(adminPort),
        PROXYSQL_ADMIN_USER: 'radmin',
        PROXYSQL_ADMIN_PASSWORD: 'radmin',
        HTTP_PORT: '0',
        ...env,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#ended = once(this.#process, 'exit');
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
      for (const resolve of this.#said.splice(0)) resolve();
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Where it answers probes, as `http://host:port`. */
  async httpUrl(): Promise<string> {
    for (;;) {
      const line = this.#log.split('\n').find((one) => one.endsWith('"msg":"agent started"}'));
      if (line !== undefined) return `http://${(JSON.parse(line) as { readonly http: string }).http}`;
      const heard = new Promise<void>((resolve) => this.#said.push(resolve));
      await Promise.race([heard, this.#ended]);
      if (this.#process.exitCode !== null) throw new Error(`the bundled agent ended: ${this.#log}`);
    }
  }

  /** Ends it with SIGTERM; resolves to what it exits with. */
  async stop(): Promise<number | null> {
    this.#process.kill('SIGTERM');
    await this.#ended;
    return this.#process.exitCode;
  }
}
