/** What scripts/test.mjs has bundled of `chester`: dozens of processes start, and it starts in half the time. */
export const bundledProgram = process.env['CHESTER_PROGRAM'];
