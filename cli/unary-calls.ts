import type { CallOptions, ClientUnaryCall, requestCallback } from '@grpc/grpc-js';
import type { AdminServiceClient } from '../proto/gen/chester/v1/AdminService.ts';

/** The calls of AdminService that have one answer, by name, with what they ask and answer: read from its client. */

type Asking = (argument: never, ...rest: never[]) => ClientUnaryCall;

export type UnaryMethod = {
  [Name in keyof AdminServiceClient]: AdminServiceClient[Name] extends Asking
    ? Name extends Uncapitalize<Name & string>
      ? Name
      : never
    : never;
}[keyof AdminServiceClient];

export type RequestOf<Method extends UnaryMethod> = AdminServiceClient[Method] extends (
  argument: infer Request,
  ...rest: never[]
) => ClientUnaryCall
  ? Request
  : never;

export type AnswerOf<Method extends UnaryMethod> = AdminServiceClient[Method] extends (
  argument: never,
  callback: requestCallback<infer Answer>,
) => ClientUnaryCall
  ? Answer
  : never;

/** Those that answer page by page. */
export type PagedMethod = {
  [Name in UnaryMethod]: AnswerOf<Name> extends { readonly nextPageToken: string } ? Name : never;
}[UnaryMethod];

/** How the client is called. */
export type Start<Method extends UnaryMethod> = (
  request: RequestOf<Method>,
  options: CallOptions,
  done: requestCallback<AnswerOf<Method>>,
) => unknown;
