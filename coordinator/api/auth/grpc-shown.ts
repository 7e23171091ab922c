import type { Metadata, ServerDuplexStream, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { certificateNames } from './certificate-names.ts';
import type { Shown } from './gate.ts';

type Call = Pick<ServerUnaryCall<unknown, unknown>, 'getPeer' | 'getAuthContext'> & { readonly metadata: Metadata };

/** Reads what the caller of a gRPC call showed. */
export function shownByCall(
  call: Call | ServerWritableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>,
): Shown {
  const certificate = call.getAuthContext().sslPeerCertificate;
  return {
    source: addressOf(call.getPeer()),
    authorization: headerOf(call.metadata, 'authorization'),
    iapAssertion: headerOf(call.metadata, 'x-goog-iap-jwt-assertion'),
    certificateNames: certificate === undefined ? [] : certificateNames(certificate),
  };
}

function headerOf(metadata: Metadata, name: string): string {
  const values = metadata.get(name);
  // Two of a kind are a trick: which of them counts is not ours to guess.
  return values.length === 1 && typeof values[0] === 'string' ? values[0] : '';
}

function addressOf(peer: string): string {
  const port = /:\d+$/.exec(peer);
  return port === null ? peer : peer.slice(0, port.index);
}
