// Asks the agent beside to drain this pod, and waits for its answer.
import { readFileSync } from 'node:fs';
import { get } from 'node:http';

const token = readFileSync('/run/chester/drain-token', 'utf8').trim();
get(`http://127.0.0.1:8081/drain?token=${token}`, (answer) => answer.resume()).on('error', ({ message }) => {
  console.error(`no drain: ${message}`);
  process.exitCode = 1;
});
