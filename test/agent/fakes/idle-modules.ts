import type { CertificateFiles, ModuleAdmin } from '../../../agent/ports.ts';

function unexpected(): Promise<never> {
  return Promise.reject(new Error('nothing asks for this table'));
}

/** The tables beside mysql_servers of a proxy where no group has anything in them. */
export const idleModules: ModuleAdmin = {
  readCapabilities: () => Promise.resolve(new Map()),
  readMarks: () => Promise.resolve(new Map()),
  readLoads: unexpected,
  readMemoryChecksum: unexpected,
  readTable: unexpected,
  readSiblingPending: unexpected,
  readReservedUsers: unexpected,
  readVariables: unexpected,
  replaceRows: unexpected,
  deleteRows: unexpected,
  writeVariables: unexpected,
  loadModule: unexpected,
};

/** No folder for certificates. */
export const noFiles: CertificateFiles = { folder: null, write: unexpected, list: unexpected, remove: unexpected };
