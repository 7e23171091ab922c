import { runAgent } from '../../../agent/main.ts';

// A whole `chester agent` that is lucky with the pauses between its calls. An agent that lost several coordinators in a
// row may wait for 5 s before it calls again: dozens of cycles in a row would be mostly that.
const draw = Math.random;
Math.random = () => draw() / 40;
await runAgent(process.env);
