import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  type sendUnaryData,
  type Server,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  status as grpcStatus,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import type { HealthImplementation } from 'grpc-health-check';
import { imagePath } from '../../proto/load.ts';
import { takeAnyBytes, undecodable } from './lenient-service.ts';

/**
 * Health and reflection answer whoever reaches the port. The libraries that bring them keep every name that a watcher
 * gives, answer bytes that are no message by blaming themselves, and queue for a client that does not read: none of it
 * here.
 */

type Unary = ServerUnaryCall<unknown, unknown>;
type Watch = ServerWritableStream<unknown, unknown>;
type Duplex = ServerDuplexStream<unknown, unknown>;
type Handler<Call> = (call: Call, callback: sendUnaryData<unknown>) => void;

const bad = { code: grpcStatus.INVALID_ARGUMENT, details: 'the request is no message of this method' };

/** What stands for every service that health knows nothing of: a watcher's own word would be kept for good. */
const unknownService = { service: 'unknown' };

/**
 * Answers for both versions of reflection, which say the same. Decoding the descriptors takes a third of a second and
 * some megabytes, so that is done when somebody first asks, once a process.
 */
let reflecting: Handler<Duplex> | null = null;

/** Lets clients ask a server for its services and messages. */
export function addReflection(server: Server): void {
  const lazily: Handler<Duplex> = (call, callback) => {
    reflecting ??= readReflection();
    reflecting(call, callback);
  };
  new ReflectionService({}).addToServer(catching(server, () => paced(lazily)));
}

function readReflection(): Handler<Duplex> {
  const handlers: Handler<Duplex>[] = [];
  const addService = (_: ServiceDefinition, implementation: UntypedServiceImplementation): void => {
    handlers.push(...(Object.values(implementation) as Handler<Duplex>[]));
  };
  const descriptors = loadFileDescriptorSetFromBuffer(readFileSync(imagePath));
  new ReflectionService(descriptors).addToServer(asServer(addService));
  const [handler] = handlers;
  assert.ok(handler !== undefined);
  return handler;
}

/** Lets clients ask a server for its health. */
export function addHealth(server: Server, health: HealthImplementation): void {
  health.addToServer(
    catching(server, (handler, name) =>
      name.toLowerCase() === 'watch' ? watched(handler as Handler<Watch>) : asked(handler as Handler<Unary>),
    ),
  );
}

/** Takes what a library adds to a server, and adds it with other handlers, of any bytes. */
function catching(server: Server, wrap: (handler: unknown, name: string) => unknown): Server {
  return asServer((service, handlers) => {
    const wrapped = Object.entries(handlers).map(([name, handler]) => [name, wrap(handler, name)]);
    server.addService(takeAnyBytes(service), Object.fromEntries(wrapped) as UntypedServiceImplementation);
  });
}

/** All that the libraries use of a server. */
function asServer(addService: Server['addService']): Server {
  const taken: Pick<Server, 'addService'> = { addService };
  return taken as Server;
}

function asked(handler: Handler<Unary>): Handler<Unary> {
  return (call, callback) => {
    if (call.request === undecodable) callback(bad);
    else handler(named(call), callback);
  };
}

function watched(handler: Handler<Watch>): Handler<Watch> {
  return (call, callback) => {
    if (call.request === undecodable) call.emit('error', bad);
    else handler(named(call), callback);
  };
}

function named<Call extends { request: unknown }>(call: Call): Call {
  const { service = '' } = call.request as { readonly service?: string };
  if (service !== '') call.request = unknownService;
  return call;
}

/** Reads no further request before the answer to the one before is on its way. */
function paced(handler: Handler<Duplex>): Handler<Duplex> {
  return (call, callback) => {
    const write = call.write.bind(call);
    call.write = (answer: unknown): boolean => {
      const hasRoom = write(answer);
      if (!hasRoom) {
        call.pause();
        call.once('drain', () => call.resume());
      }
      return hasRoom;
    };
    call.on('error', () => undefined);
    handler(call, callback);
  };
}
