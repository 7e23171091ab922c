import { GoogleAuth } from 'google-auth-library';
import { CoordinatorError } from '../errors.ts';

export type GoogleCallOptions = {
  /** Another endpoint than Google's, ending in `/`; it asks for no credentials. Null for Google's. */
  readonly rootUrl: string | null;
  /** For one call, credentials counted. */
  readonly deadlineMs: number;
};

const scopes = ['https://www.googleapis.com/auth/cloud-platform'];
const bytesMax = 1024 * 1024;

/** Reads from one of Google's REST APIs that hand out secrets: nothing of an answer stands in an error. */
export class GoogleSecretsApi {
  readonly #options: GoogleCallOptions;
  readonly #googleUrl: string;
  readonly #auth: GoogleAuth | null;

  constructor(googleUrl: string, options: GoogleCallOptions) {
    this.#googleUrl = googleUrl;
    this.#options = options;
    this.#auth = options.rootUrl === null ? new GoogleAuth({ scopes }) : null;
  }

  /** @throws {CoordinatorError} SECRET_MISSING that names `what`. */
  async get(what: string, path: string): Promise<Readonly<Record<string, unknown>>> {
    const { rootUrl, deadlineMs } = this.#options;
    const signal = AbortSignal.timeout(deadlineMs);
    try {
      const token = await Promise.race([this.#auth?.getAccessToken() ?? null, expiry(signal)]);
      const response = await fetch(`${rootUrl ?? this.#googleUrl}${path}`, {
        headers: token ? { authorization: `Bearer ${token}` } : {},
        signal,
        redirect: 'error',
      });
      if (!response.ok) throw new CoordinatorError('SECRET_MISSING', `${what}: HTTP ${response.status}`);
      const text = await response.text();
      if (text.length > bytesMax) throw new CoordinatorError('SECRET_MISSING', `${what}: too large an answer`);
      return JSON.parse(text) as Readonly<Record<string, unknown>>;
    } catch (error) {
      if (error instanceof CoordinatorError) throw error;
      throw new CoordinatorError('SECRET_MISSING', `${what}: ${causeOf(error)}`);
    }
  }
}

function expiry(signal: AbortSignal): Promise<never> {
  const expired = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
  expired.catch(() => undefined); // It may come after the answer.
  return expired;
}

/** Names a failure without its text, in which credentials may stand. */
function causeOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'no answer in time';
  if (error instanceof SyntaxError) return 'an unreadable answer';
  return 'the call failed';
}
