import type { Notice } from '../core/notice.ts';
import type { NoticeReceiver } from '../ports.ts';

/** Publishes a message; Google's client unless a test brings its own. */
export type OpenTopic = (topic: string) => Promise<OpenedTopic>;
export type OpenedTopic = {
  publish(message: { readonly data: Buffer; readonly attributes: Record<string, string> }): Promise<void>;
  /** Gives back what it holds. */
  close(): Promise<void>;
};

export type NoticeTopicOptions = {
  /** `projects/P/topics/T`. */
  readonly topic: string;
  readonly deadlineMs: number;
  readonly openTopic?: OpenTopic;
};

/** Publishes notices to a Pub/Sub topic: the notice as JSON; schema, group and kind as attributes to filter by. */
export class NoticeTopic implements NoticeReceiver {
  readonly name = 'pubsub';
  readonly #options: NoticeTopicOptions;
  #topic: Promise<OpenedTopic> | null = null;

  constructor(options: NoticeTopicOptions) {
    this.#options = options;
  }

  async send(notice: Notice): Promise<string | null> {
    const { topic, deadlineMs, openTopic } = this.#options;
    let cancel: () => void = () => undefined;
    const expired = new Promise<string>((resolve) => {
      const timer = setTimeout(() => {
        resolve('no answer in time');
      }, deadlineMs);
      cancel = () => {
        clearTimeout(timer);
      };
    });
    try {
      this.#topic ??= (openTopic ?? openGoogleTopic)(topic);
      return await Promise.race([publish(this.#topic, notice), expired]);
    } catch (error) {
      this.#giveUp();
      return error instanceof Error && 'code' in error
        ? `publishing failed (${String(error.code)})`
        : 'publishing failed';
    } finally {
      cancel();
    }
  }

  /** A client that found no credentials once finds none again, so the next notice gets another one. */
  #giveUp(): void {
    this.#topic?.then((topic) => topic.close()).catch(() => undefined);
    this.#topic = null;
  }
}

async function publish(topic: Promise<OpenedTopic>, notice: Notice): Promise<null> {
  const { schema, group, kind } = notice;
  const opened = await topic;
  await opened.publish({ data: Buffer.from(JSON.stringify(notice)), attributes: { schema, group, kind } });
  return null;
}

/** Google's client is loaded here, when it is needed: it takes half a second and 20 MB. */
async function openGoogleTopic(topicName: string): Promise<OpenedTopic> {
  const { PubSub } = await import('@google-cloud/pubsub');
  const [, projectId = ''] = topicName.split('/');
  // One at a time: there are few, and each answer says what became of one.
  const client = new PubSub({ projectId });
  const topic = client.topic(topicName, { batching: { maxMessages: 1 } });
  return {
    async publish(message) {
      await topic.publishMessage(message);
    },
    close: () => client.close(),
  };
}
