#!/usr/bin/env node
import { runChester } from '../cli/main.ts';
import { processShell } from '../cli/shell.ts';

const exitCode = await runChester(process.argv.slice(2), processShell(process));
// A daemon goes on after its command returned, and may have set the code itself.
if (exitCode !== 0) process.exitCode = exitCode;
