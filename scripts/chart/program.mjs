// What the chart's schema takes from the programs: their environment, and the shape of groups and fleets.
import esbuild from 'esbuild';

const source = `
  export { z } from 'zod';
  export { accessSchema } from './coordinator/core/access-table.ts';
  export { groupSchema } from './coordinator/core/group-spec.ts';
  export { coordinatorEnvironmentHelp } from './coordinator/config.ts';
  export { agentEnvironmentHelp } from './agent/config.ts';
  export { injectorEnvironmentHelp } from './injector/config.ts';
`;

/** Loads the sources that say what programs take, without what they do. */
export async function loadProgram() {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire('/');" },
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  const { z, accessSchema, groupSchema, ...help } = await import(`data:text/javascript;base64,${code}`);
  return {
    access: z.toJSONSchema(accessSchema, { io: 'input' }),
    group: z.toJSONSchema(groupSchema, { io: 'input' }),
    coordinator: help.coordinatorEnvironmentHelp.map(([name]) => name),
    agent: help.agentEnvironmentHelp.map(({ name }) => name),
    injector: help.injectorEnvironmentHelp.map(([name]) => name),
  };
}
