import { fileURLToPath } from 'node:url';
import { type GrpcObject, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { ProtoGrpcType as AdminTypes } from './gen/admin.ts';
import type { ProtoGrpcType as AgentTypes } from './gen/agent.ts';

/** The folder that holds chester/v1/*.proto; compiled code lives one folder deeper, in dist/. */
const protoFolder = fileURLToPath(new URL('../../proto', import.meta.url));

/** The committed `buf build` image, which server reflection serves. */
export const imagePath = fileURLToPath(new URL('../../proto/image.binpb', import.meta.url));

/**
 * Loads the services of chester.v1: constructors of clients, and definitions of services.
 * 64-bit numbers are JS numbers (epochs are milliseconds, revisions are small), enums are their names.
 */
export function loadChesterV1(): ChesterV1 {
  loaded ??= load();
  return loaded;
}

type ChesterV1 = (AdminTypes & AgentTypes)['chester']['v1'];

/** Reading and compiling the files takes a tenth of a second. */
let loaded: ChesterV1 | null = null;

function load(): ChesterV1 {
  const definition = loadSync(['chester/v1/agent.proto', 'chester/v1/admin.proto'], {
    includeDirs: [protoFolder],
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  });
  const root = loadPackageDefinition(definition) as GrpcObject & AdminTypes & AgentTypes;
  return root.chester.v1;
}
