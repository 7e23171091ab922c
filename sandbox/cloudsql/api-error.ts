import type { Json, JsonObject } from './json.ts';

/** What the Admin API is known to answer, by the reason on the wire: HTTP status and wording. */
const known = {
  invalid: [400, 'Invalid request.'],
  invalidFlagValue: [400, 'Invalid flag value.'],
  errorInvalidReadReplicaActivationPolicy: [
    400,
    'Invalid request: the activation policy of a read replica must be ALWAYS.',
  ],
  errorProtectedInstanceDeletionFailure: [
    400,
    'The instance is protected. Please disable the deletion protection and try again. To disable deletion protection, ' +
      'update the instance settings with deletionProtectionEnabled set to false.',
  ],
  errorReplicaDepthLimitExceeded: [400, 'The limit of 4 levels of cascading replicas is exceeded.'],
  errorReplicationMasterInvalidOperation: [
    400,
    'The requested operation is not valid for a replication master instance.',
  ],
  required: [401, 'Login Required.'],
  notAuthorized: [403, 'The client is not authorized to make this request.'],
  instanceDoesNotExist: [404, 'The Cloud SQL instance does not exist.'],
  operationDoesNotExist: [404, 'The Cloud SQL instance operation does not exist.'],
  notFound: [404, 'Not Found'],
  instanceAlreadyExists: [
    409,
    "The Cloud SQL instance already exists. When you delete an instance, you can't reuse the name of the deleted " +
      'instance until one week from the deletion date.',
  ],
  operationInProgress: [
    409,
    'Operation failed because another operation was already in progress. Try your request after the current ' +
      'operation is complete.',
  ],
  invalidState: [409, 'The instance or operation is not in an appropriate state to handle the request.'],
  errorMaxInstancePerLabel: [
    409,
    'Failed to create instance because the project or creator has reached the max instance per project/creator limit.',
  ],
  staleData: [412, 'The provided settingsVersion is not the current one.'],
  rateLimitExceeded: [
    429,
    "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service " +
      "'sqladmin.googleapis.com' for consumer 'project_number:1234567890'.",
  ],
  internalError: [500, 'An internal error has occurred.'],
  backendError: [503, 'The service is currently unavailable.'],
} as const satisfies Record<string, readonly [number, string]>;

export type KnownReason = keyof typeof known;

/** A refused call: HTTP status, the reason in lowerCamel and the message, as the Admin API words them. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  /** Sent as the header Retry-After; null for none. */
  readonly retryAfterSeconds: number | null;

  constructor(status: number, reason: string, message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
    this.name = 'ApiError';
    this.status = status;
    this.reason = reason;
  }
}

/** Makes the refusal that belongs to a reason; `message` replaces the usual wording. */
export function apiError(reason: KnownReason, message?: string): ApiError {
  const [status, usual] = known[reason];
  return new ApiError(status, reason, message ?? usual);
}

type ErrorWords = {
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
};

/** Makes a refusal from a status alone: its usual reason and wording where there is one. */
export function apiErrorOfStatus(status: number, { reason, message, retryAfterSeconds }: ErrorWords = {}): ApiError {
  const entries = Object.entries(known);
  const byReason = entries.find(([name]) => name === reason);
  const byStatus = entries.find(([, [code]]) => code === status);
  const [usualReason, [, usualMessage]] = byReason ?? byStatus ?? (['backendError', known.backendError] as const);
  return new ApiError(status, reason ?? usualReason, message ?? usualMessage, retryAfterSeconds ?? null);
}

/** Renders the body of an error. Quota errors come from the API's front end and carry `status` and `details` too. */
export function renderApiError(error: ApiError): JsonObject {
  const body: Record<string, Json> = {
    code: error.status,
    message: error.message,
    errors: [{ message: error.message, domain: 'global', reason: error.reason }],
  };
  if (error.status === 429) {
    body['status'] = 'RESOURCE_EXHAUSTED';
    body['details'] = [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'RATE_LIMIT_EXCEEDED',
        domain: 'googleapis.com',
        metadata: { service: 'sqladmin.googleapis.com' },
      },
    ];
  }
  return { error: body };
}
