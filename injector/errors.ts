export type InjectorErrorCode =
  /** The API server did not answer in time, or with a failure. */
  | 'CLUSTER_UNAVAILABLE'
  /** The API server does not let us. */
  | 'CLUSTER_FORBIDDEN'
  /** Somebody changed the object since it was read. */
  | 'CLUSTER_CONFLICT'
  | 'CERTIFICATE_UNUSABLE'
  | 'ADDRESS_UNAVAILABLE';

/** A failure of something outside. */
export class InjectorError extends Error {
  readonly code: InjectorErrorCode;

  constructor(code: InjectorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InjectorError';
    this.code = code;
  }
}
