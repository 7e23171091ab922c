import { readFileSync } from 'node:fs';
import type { Server } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { imagePath } from '../../proto/load.ts';

/** Decoding the descriptors takes a third of a second, so a process does it once. */
let reflection: ReflectionService | null = null;

/** Lets clients ask a server for its services and messages. */
export function addReflection(server: Server): void {
  reflection ??= new ReflectionService(loadFileDescriptorSetFromBuffer(readFileSync(imagePath)));
  reflection.addToServer(server);
}
