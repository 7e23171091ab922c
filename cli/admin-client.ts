import {
  type CallOptions,
  type ChannelOptions,
  type ClientReadableStream,
  InterceptingCall,
  type Interceptor,
  type Metadata,
  type requestCallback,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { AcceptPrimaryRequest } from '../proto/gen/chester/v1/AcceptPrimaryRequest.ts';
import type { AdminServiceClient } from '../proto/gen/chester/v1/AdminService.ts';
import type { CloseIncidentRequest } from '../proto/gen/chester/v1/CloseIncidentRequest.ts';
import type { CloseIncidentResponse__Output } from '../proto/gen/chester/v1/CloseIncidentResponse.ts';
import type { DiagnoseResponse__Output } from '../proto/gen/chester/v1/DiagnoseResponse.ts';
import type { Event__Output } from '../proto/gen/chester/v1/Event.ts';
import type { ExplainResponse__Output } from '../proto/gen/chester/v1/ExplainResponse.ts';
import type { Fleet, Fleet__Output } from '../proto/gen/chester/v1/Fleet.ts';
import type { AdoptRequest } from '../proto/gen/chester/v1/AdoptRequest.ts';
import type { CordonRequest } from '../proto/gen/chester/v1/CordonRequest.ts';
import type { ReleaseRequest } from '../proto/gen/chester/v1/ReleaseRequest.ts';
import type { UncordonRequest } from '../proto/gen/chester/v1/UncordonRequest.ts';
import type { ForgetAgentRequest } from '../proto/gen/chester/v1/ForgetAgentRequest.ts';
import type { ForgetAgentResponse__Output } from '../proto/gen/chester/v1/ForgetAgentResponse.ts';
import type { Group__Output } from '../proto/gen/chester/v1/Group.ts';
import type { ListFleetsResponse__Output } from '../proto/gen/chester/v1/ListFleetsResponse.ts';
import type { PauseRequest } from '../proto/gen/chester/v1/PauseRequest.ts';
import type { ReleaseScaleRequest } from '../proto/gen/chester/v1/ReleaseScaleRequest.ts';
import type { ResumeRequest } from '../proto/gen/chester/v1/ResumeRequest.ts';
import type { ReplaySetAsideResponse__Output } from '../proto/gen/chester/v1/ReplaySetAsideResponse.ts';
import type { ScaleRequest } from '../proto/gen/chester/v1/ScaleRequest.ts';
import type { SetAsideMessage__Output } from '../proto/gen/chester/v1/SetAsideMessage.ts';
import type { WatchEventsRequest } from '../proto/gen/chester/v1/WatchEventsRequest.ts';
import { type ConnectionSecurity, readConnectionSecurity } from '../process/client-credentials.ts';
import { loadChesterV1 } from '../proto/load.ts';
import { CliError, type FailureCode } from './errors.ts';
import type { CallSecurity } from './security.ts';
import type { CallSettings } from './settings.ts';
import type { AnswerOf, PagedMethod, RequestOf, Start, UnaryMethod } from './unary-calls.ts';

/**
 * A watcher learns of a dead peer by keepalive alone. Connections are not shared: each client is one attempt.
 * An HTTP proxy of the environment is for the internet; plain gRPC does not pass through it.
 */
const channelOptions: ChannelOptions = {
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_http_proxy': 0,
  // A page counts entries, not bytes: a hundred groups with all their users and rules are more than gRPC's 4 MB.
  'grpc.max_receive_message_length': 256 * 1024 * 1024,
};

const openSecurity: CallSecurity = { tls: null, tokenFile: null, token: null, why: '' };

/** @throws {CliError} USAGE when a file cannot be used. */
function readSecurity({ token, why, ...security }: CallSecurity): ConnectionSecurity {
  try {
    const connection = readConnectionSecurity(security);
    if (token !== null) connection.metadata.set('authorization', `Bearer ${token.trim()}`);
    if (why !== '') connection.metadata.set('chester-reason', why.replace(/[^\x20-\x7e]/g, '?').trim());
    return connection;
  } catch (error) {
    throw new CliError('USAGE', error instanceof Error ? error.message : String(error));
  }
}

/** Shows with every call who calls, and why. */
function showing(shown: Metadata): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata, listener, next) {
        metadata.merge(shown);
        next(metadata, listener);
      },
    });
}

const failureCodes: Readonly<Partial<Record<status, FailureCode>>> = {
  [status.INVALID_ARGUMENT]: 'INVALID',
  [status.NOT_FOUND]: 'NOT_FOUND',
  [status.ALREADY_EXISTS]: 'CONFLICT',
  [status.PERMISSION_DENIED]: 'DENIED',
  [status.UNAUTHENTICATED]: 'DENIED',
  [status.FAILED_PRECONDITION]: 'REFUSED',
  [status.ABORTED]: 'CONFLICT',
  [status.OUT_OF_RANGE]: 'GONE',
  [status.RESOURCE_EXHAUSTED]: 'REFUSED',
  [status.UNIMPLEMENTED]: 'REFUSED',
  [status.UNAVAILABLE]: 'UNREACHABLE',
  [status.DEADLINE_EXCEEDED]: 'UNREACHABLE',
};

/** Calls a coordinator's AdminService. Every call rejects with a `CliError` that names what to do. */
export class AdminClient {
  readonly #settings: CallSettings;
  readonly #client: AdminServiceClient;

  constructor(settings: CallSettings) {
    this.#settings = settings;
    const { AdminService } = loadChesterV1();
    const { credentials, options, metadata } = readSecurity(settings.security ?? openSecurity);
    const user = (settings.user ?? '').replace(/[^\x20-\x7e]/g, '?').trim();
    if (user !== '') metadata.set('chester-owner', user);
    const interceptors = [showing(metadata)];
    this.#client = new AdminService(settings.coordinator, credentials, { ...channelOptions, ...options, interceptors });
  }

  listFleets(): Promise<ListFleetsResponse__Output> {
    return this.#call((options, done) => this.#client.listFleets({}, options, done));
  }

  putFleet(fleet: Fleet): Promise<Fleet__Output> {
    return this.#call((options, done) => this.#client.putFleet({ fleet }, options, done));
  }

  getGroup(name: string): Promise<Group__Output> {
    return this.#call((options, done) => this.#client.getGroup({ name }, options, done));
  }

  deleteGroup(name: string): Promise<unknown> {
    return this.#call((options, done) => this.#client.deleteGroup({ name }, options, done));
  }

  forgetAgent(request: ForgetAgentRequest): Promise<ForgetAgentResponse__Output> {
    return this.#call((options, done) => this.#client.forgetAgent(request, options, done));
  }

  scale(request: ScaleRequest): Promise<Group__Output> {
    return this.#call((options, done) => this.#client.scale(request, options, done));
  }

  releaseScale(request: ReleaseScaleRequest): Promise<Group__Output> {
    return this.#call((options, done) => this.#client.releaseScale(request, options, done));
  }

  pause(request: PauseRequest): Promise<Group__Output> {
    return this.#call((options, done) => this.#client.pause(request, options, done));
  }

  resume(request: ResumeRequest): Promise<Group__Output> {
    return this.#call((options, done) => this.#client.resume(request, options, done));
  }

  cordon(request: CordonRequest): Promise<Group__Output> {
    return this.#call((options, done) => this.#client.cordon(request, options, done));
  }

  uncordon(request: UncordonRequest): Promise<Group__Output> {
    return this.#call((options, done) => this.#client.uncordon(request, options, done));
  }

  adopt(request: AdoptRequest): Promise<Group__Output> {
    return this.#call((options, done) => this.#client.adopt(request, options, done));
  }

  release(request: ReleaseRequest): Promise<Group__Output> {
    return this.#call((options, done) => this.#client.release(request, options, done));
  }

  acceptPrimary(request: AcceptPrimaryRequest): Promise<Group__Output> {
    return this.#call((options, done) => this.#client.acceptPrimary(request, options, done));
  }

  closeIncident(request: CloseIncidentRequest): Promise<CloseIncidentResponse__Output> {
    return this.#call((options, done) => this.#client.closeIncident(request, options, done));
  }

  getSetAside(id: string): Promise<SetAsideMessage__Output> {
    return this.#call((options, done) => this.#client.getSetAside({ id }, options, done));
  }

  replaySetAside(id: string): Promise<ReplaySetAsideResponse__Output> {
    return this.#call((options, done) => this.#client.replaySetAside({ id }, options, done));
  }

  explain(subject: string): Promise<ExplainResponse__Output> {
    return this.#call((options, done) => this.#client.explain({ subject }, options, done));
  }

  diagnose(group: string): Promise<DiagnoseResponse__Output> {
    return this.#call((options, done) => this.#client.diagnose({ group }, options, done));
  }

  /** Makes any call that has one answer, by its name. */
  call<Method extends UnaryMethod>(method: Method, request: RequestOf<Method>): Promise<AnswerOf<Method>> {
    return this.#call((options, done) => {
      const start = this.#client[method] as unknown as Start<Method>;
      return start.call(this.#client, request, options, done);
    });
  }

  /** Reads all pages of a list. */
  async all<Method extends PagedMethod, Item>(
    method: Method,
    request: RequestOf<Method>,
    itemsOf: (answer: AnswerOf<Method>) => readonly Item[],
  ): Promise<Item[]> {
    const items: Item[] = [];
    let pageToken = '';
    do {
      const answer = await this.call(method, { ...(request as object), pageToken } as RequestOf<Method>);
      items.push(...itemsOf(answer));
      pageToken = (answer as { readonly nextPageToken: string }).nextPageToken;
    } while (pageToken !== '');
    return items;
  }

  /**
   * The newest messages that were set aside, for who may see them. They are asked for beside incidents, because that list
   * is cut to what the caller sees, and the one of messages is refused.
   */
  async setAside(): Promise<readonly SetAsideMessage__Output[]> {
    return (await this.call('listIncidents', { pageSize: 1 })).setAside;
  }

  /** Opens an endless stream, hence without a deadline: keepalive ends it when the coordinator is gone. */
  watchEvents(request: WatchEventsRequest): ClientReadableStream<Event__Output> {
    return this.#client.watchEvents(request);
  }

  /** Turns what gRPC reported into a failure with an explanation. */
  failure(error: ServiceError): CliError {
    const code = failureCodes[error.code] ?? 'FAILED';
    return new CliError(code, explain(error, this.#settings), { cause: error });
  }

  close(): void {
    this.#client.close();
  }

  #call<Response>(start: (options: CallOptions, done: requestCallback<Response>) => unknown): Promise<Response> {
    return new Promise((resolve, reject) => {
      start({ deadline: Date.now() + this.#settings.timeoutMs }, (error, response) => {
        if (error !== null) reject(this.failure(error));
        else if (response === undefined) reject(new CliError('FAILED', 'the coordinator answered nothing'));
        else resolve(response);
      });
    });
  }
}

function explain({ code, details }: ServiceError, { coordinator, timeoutMs }: CallSettings): string {
  switch (code) {
    case status.UNAVAILABLE:
      return `cannot reach the coordinator at ${coordinator}: check that it runs, and that --coordinator or CHESTER_COORDINATOR names its gRPC port (${connectionFault(details)})`;
    case status.DEADLINE_EXCEEDED:
      return `the coordinator at ${coordinator} did not answer within ${timeoutMs} ms; --timeout-ms or CHESTER_TIMEOUT_MS allows more`;
    case status.UNIMPLEMENTED:
      return `what answers at ${coordinator} is no coordinator of this version (${details})`;
    default:
      return details === '' ? `the call failed: ${status[code]}` : details;
  }
}

/** What went wrong, without the resolver's empty note and the time that grpc-js adds. */
function connectionFault(details: string): string {
  return details.replace(/ \([-\dT:.]+Z\)\. Resolution note:[^]*$/, '');
}
