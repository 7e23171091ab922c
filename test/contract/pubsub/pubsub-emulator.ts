import { type ChildProcessByStdio, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import type { Readable } from 'node:stream';

/** Why Google's Pub/Sub emulator cannot run here; or where its jar is. */
export type EmulatorJar = { readonly jar: string } | { readonly missing: string };

/** Looks for the emulator's jar: `PUBSUB_EMULATOR_JAR`, else in the Google Cloud SDK. */
export function findPubSubEmulator(): EmulatorJar {
  const how = 'install java and the Google Cloud SDK component pubsub-emulator, or set PUBSUB_EMULATOR_JAR';
  if (spawnSync('java', ['-version']).status !== 0) return { missing: `there is no java: ${how}` };
  const given = process.env['PUBSUB_EMULATOR_JAR'];
  if (given !== undefined) return existsSync(given) ? { jar: given } : { missing: `there is no ${given}: ${how}` };
  try {
    const info = execFileSync('gcloud', ['info', '--format=value(installation.sdk_root)'], {
      encoding: 'utf8',
      timeout: 20_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const root = info.trim();
    const lib = path.join(root, 'platform/pubsub-emulator/lib');
    const name = readdirSync(lib).find((file) => /^cloud-pubsub-emulator-.*-all\.jar$/.test(file));
    return name === undefined ? { missing: how } : { jar: path.join(lib, name) };
  } catch {
    return { missing: how };
  }
}

/** A running emulator, spoken to over its REST interface. */
export class PubSubEmulator {
  readonly host: string;
  readonly #java: ChildProcessByStdio<null, null, Readable>;

  private constructor(host: string, java: ChildProcessByStdio<null, null, Readable>) {
    this.host = host;
    this.#java = java;
  }

  static async start(jar: string): Promise<PubSubEmulator> {
    const port = await freePort();
    const frugal = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const java = spawn('java', [...frugal, '-jar', jar, '--host=127.0.0.1', `--port=${port}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let output = '';
    for await (const chunk of java.stderr.iterator({ destroyOnReturn: false })) {
      output += String(chunk);
      if (output.includes('Server started')) break;
    }
    java.stderr.resume();
    if (java.exitCode !== null) throw new Error(`the Pub/Sub emulator did not start: ${output.slice(-500)}`);
    return new PubSubEmulator(`127.0.0.1:${port}`, java);
  }

  /** Makes a resource under `/v1/`. */
  async put(resource: string, body: object = {}): Promise<void> {
    await this.#request('PUT', resource, body);
  }

  async publish(topic: string, data: string): Promise<void> {
    await this.#request('POST', `${topic}:publish`, { messages: [{ data: Buffer.from(data).toString('base64') }] });
  }

  async close(): Promise<void> {
    const exited = once(this.#java, 'exit');
    this.#java.kill('SIGKILL');
    await exited;
  }

  async #request(method: string, resource: string, body: object): Promise<void> {
    const response = await fetch(`http://${this.host}/v1/${resource}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${resource}: ${response.status} ${await response.text()}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
