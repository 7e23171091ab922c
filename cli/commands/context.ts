import type { Command } from 'commander';
import { contextFilePath, readContexts, useContext } from '../context-file.ts';
import { listFormats, type OutputFlags, writeAnswer } from '../output.ts';
import { formatOption } from '../settings.ts';
import type { Shell } from '../shell.ts';
import { type Cell, orDash, renderTable } from '../table.ts';

const fileHelp = `
The file (CHESTER_CONFIG, or ~/.config/chester/config.yaml) names several coordinators:

  current: prod
  contexts:
    prod:
      coordinator: chester.example.net:8443
      caFile: prod-ca.pem
      tokenFile: prod-token
    test: {coordinator: 127.0.0.1:8443}

Fields: coordinator, timeoutMs, tls, caFile, certFile, keyFile, tokenFile, serverName, insecure. Paths count from the
file's folder. Flags and environment go before a context; --context or CHESTER_CONTEXT picks another one for a call.

Example:
  chester context use prod`;

/** Adds `chester context`. */
export function addContext(program: Command, shell: Shell): void {
  const context = program
    .command('context')
    .description('choose among several coordinators')
    .addHelpText('after', fileHelp);
  context
    .command('list')
    .description('list the contexts of the file')
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester context list')
    .action((flags: OutputFlags) => {
      const { file, current, contexts } = readContexts(shell.env);
      const named = [...contexts].map(([name, settings]) => ({ name, isCurrent: name === current, ...settings }));
      const rows = named.map((one): readonly Cell[] => [
        one.isCurrent ? '*' : '',
        one.name,
        orDash(one.coordinator ?? ''),
        one.caFile !== undefined || one.certFile !== undefined || one.tls === 'true' ? 'yes' : 'no',
        orDash(one.tokenFile ?? one.certFile ?? ''),
      ]);
      writeAnswer(shell, flags, {
        json: { file, current, contexts: named },
        render: (style) =>
          rows.length === 0
            ? `no contexts: ${contextFilePath(shell.env)} is not there or has none\n`
            : renderTable(['', 'CONTEXT', 'COORDINATOR', 'TLS', 'IDENTITY'], rows, style),
      });
    });
  context
    .command('use')
    .description('make a context the current one')
    .argument('<name>')
    .addHelpText('after', '\nExample:\n  chester context use prod')
    .action((name: string) => {
      const { file } = useContext(shell.env, name);
      shell.write(`context ${name} is the current one in ${file}\n`);
    });
}
