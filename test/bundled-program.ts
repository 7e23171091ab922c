import path from 'node:path';

/** What scripts/test.mjs has bundled of `chester`: dozens of processes start, and it starts in half the time. */
export const bundledProgram = process.env['CHESTER_PROGRAM'];
/** That, or `chester` as it is compiled when nothing was bundled. */
export const chesterProgram = bundledProgram ?? path.resolve(import.meta.dirname, '..', 'bin', 'chester.js');
