import type { ServiceDefinition } from '@grpc/grpc-js';

/** Stands for a request whose bytes are no message of its method: grpc-js would call that an internal error of ours. */
export const undecodable: object = Object.freeze({});

/** A service whose handlers get `undecodable` in place of what cannot be read, to say so themselves. */
export function takeAnyBytes(service: ServiceDefinition): ServiceDefinition {
  const methods = Object.entries(service).map(([name, method]) => {
    const requestDeserialize = (bytes: Buffer): unknown => {
      try {
        return method.requestDeserialize(bytes) as unknown;
      } catch {
        return undecodable;
      }
    };
    return [name, { ...method, requestDeserialize }];
  });
  return Object.fromEntries(methods) as ServiceDefinition;
}
