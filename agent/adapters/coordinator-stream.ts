import type { ChannelOptions, ServiceError } from '@grpc/grpc-js';
import {
  type ClientSecurity,
  type ConnectionSecurity,
  readConnectionSecurity,
} from '../../process/client-credentials.ts';
import { AgentServiceClient, type CoordinatorMessage } from '../../proto/codec/chester/v1/agent.ts';
import type { CoordinatorLink, CoordinatorStream, StreamHandlers } from '../ports.ts';
import { parseCoordinatorMessage, renderAgentMessage } from './wire.ts';

/**
 * grpc-js has keepalive off: a frozen coordinator would look alive for as long as it is frozen. Its retry buffer would
 * grow with a long stream, and its own backoff is not needed: each attempt is a new channel, at the subscriber's pace.
 */
const channelOptions: ChannelOptions = {
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.enable_retries': 0,
  'grpc.use_local_subchannel_pool': 1,
};
const endDeadlineMs = 1000;

/** Dials a coordinator over gRPC; each stream has a connection of its own. */
export class GrpcCoordinatorLink implements CoordinatorLink {
  readonly #address: string;
  readonly #security: ClientSecurity;

  constructor(address: string, security: ClientSecurity = { tls: null, tokenFile: null }) {
    this.#address = address;
    this.#security = security;
  }

  /** Reads certificates and token anew: what was exchanged counts from the next stream on. */
  open(handlers: StreamHandlers): CoordinatorStream {
    try {
      return this.#open(handlers, readConnectionSecurity(this.#security));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      queueMicrotask(() => {
        handlers.ended(reason, false);
      });
      return { send: () => undefined, end: () => Promise.resolve() };
    }
  }

  #open(handlers: StreamHandlers, { credentials, options, metadata }: ConnectionSecurity): CoordinatorStream {
    const client = new AgentServiceClient(this.#address, credentials, { ...channelOptions, ...options });
    const call = client.connect(metadata);
    let isOver = false;
    const closed = new Promise<void>((resolve) => {
      const finish = (reason: string, isOk: boolean, retryAfterMs?: number): void => {
        if (isOver) return;
        isOver = true;
        client.close();
        handlers.ended(reason, isOk, retryAfterMs);
        resolve();
      };
      call.on('data', (wire: CoordinatorMessage) => {
        const message = parseCoordinatorMessage(wire);
        if (message !== null && !isOver) handlers.received(message);
      });
      call.on('error', (error: ServiceError) => {
        finish(`${error.code}: ${error.details}`, false, readRetryAfterMs(error));
      });
      call.on('end', () => {
        finish('ended by the coordinator', true);
      });
    });
    return {
      send(message) {
        if (!isOver) call.write(renderAgentMessage(message));
      },
      async end() {
        if (isOver) return;
        call.end();
        // The other side may never close; what was sent has left by then.
        const cancel = setTimeout(() => {
          call.cancel();
        }, endDeadlineMs);
        await closed;
        clearTimeout(cancel);
      },
    };
  }
}

/** When a coordinator that has too much to do wants to be asked again. */
function readRetryAfterMs({ metadata }: ServiceError): number | undefined {
  const [text] = metadata.get('retry-after-ms');
  return typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
