import { type Notice, renderNotice } from '../core/notice.ts';
import { CoordinatorError } from '../errors.ts';
import type { NoticeReceiver } from '../ports.ts';
import type { SecretReader } from './secrets.ts';

export type NoticeWebhookOptions = {
  readonly name: string;
  /** Name of the secret that holds the URL: whoever has a URL of this kind can post. */
  readonly urlSecret: string;
  /** `slack`: `{"text": …}`, as Slack, Mattermost and Google Chat take it. `json`: the notice itself. */
  readonly shape: 'slack' | 'json';
  readonly deadlineMs: number;
};

/** Posts notices to a URL. The URL is read for each, so that a rotated secret counts at once, and stands in no message. */
export class NoticeWebhook implements NoticeReceiver {
  readonly name: string;
  readonly #secrets: SecretReader;
  readonly #options: NoticeWebhookOptions;

  constructor(deps: { readonly secrets: SecretReader }, options: NoticeWebhookOptions) {
    this.name = options.name;
    this.#secrets = deps.secrets;
    this.#options = options;
  }

  async send(notice: Notice): Promise<string | null> {
    const { urlSecret, shape, deadlineMs } = this.#options;
    try {
      const url = new URL((await this.#secrets.read(urlSecret)).trim());
      if (url.protocol !== 'https:' && url.protocol !== 'http:') return `secret ${urlSecret} holds no http URL`;
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(shape === 'slack' ? { text: renderNotice(notice) } : notice),
        signal: AbortSignal.timeout(deadlineMs),
        redirect: 'error',
      });
      await response.body?.cancel();
      return response.ok ? null : `HTTP ${response.status}`;
    } catch (error) {
      return faultOf(error, urlSecret);
    }
  }
}

/** Says what failed without the text of the failure, in which the URL may stand. */
function faultOf(error: unknown, urlSecret: string): string {
  if (error instanceof CoordinatorError) return error.message;
  if (!(error instanceof Error)) return 'failed';
  if (error.name === 'TimeoutError') return 'no answer in time';
  const isUrlFault = 'code' in error && error.code === 'ERR_INVALID_URL';
  if (isUrlFault) return `secret ${urlSecret} holds no URL`;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? `connection failed (${String(cause.code)})` : 'connection failed';
}
