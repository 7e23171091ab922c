import { createHash, randomBytes, scryptSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CliError } from '../errors.ts';
import type { Shell } from '../shell.ts';

const passwordCharactersMin = 12;

/** Adds `chester access`: what stands in the access file of a coordinator. Calls nobody. */
export function addAccess(program: Command, shell: Shell): void {
  const access = program
    .command('access')
    .description('make tokens and password hashes for the access file (ACCESS_FILE of the coordinator)');
  access
    .command('token')
    .description('make a random token, and the digest that the access file has of it')
    .option('--out <file>', 'put the token into a new file that only you can read, not on the screen')
    .addHelpText('after', '\nExample:\n  chester access token --out ~/.chester-token')
    .action(({ out }: { readonly out?: string }) => {
      const token = `cht_${randomBytes(32).toString('base64url')}`;
      if (out !== undefined) writeNew(out, token);
      const digest = createHash('sha256').update(token).digest('hex');
      shell.write(`${out === undefined ? `token:  ${token}\n` : ''}digest: ${digest}\n`);
    });
  access
    .command('hash-password')
    .description('hash a password for the access file; it is read from standard input, never from the command line')
    .addHelpText('after', '\nExample:\n  chester access hash-password < password.txt')
    .action(async () => {
      const password = await shell.readSecret('Password: ');
      if (password.length < passwordCharactersMin) {
        const message = `the password has ${password.length} characters; allowed: ${passwordCharactersMin} or more`;
        throw new CliError('INVALID', message);
      }
      const salt = randomBytes(16);
      const key = scryptSync(password, salt, 32, { N: 16_384, r: 8, p: 1 });
      shell.write(`scrypt:16384:8:1:${salt.toString('base64url')}:${key.toString('base64url')}\n`);
    });
}

/** Never over a file that is there: it may be another coordinator's token. */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, `${text}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unwritable';
    throw new CliError('USAGE', `--out ${file} cannot be written (${code})`);
  }
}
