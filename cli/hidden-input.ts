import { text as readAll } from 'node:stream/consumers';

type Streams = { readonly stdin: NodeJS.ReadStream; readonly stderr: NodeJS.WriteStream };

/**
 * Reads a secret: from a terminal one line that is not shown, else all there is without its last line break. Ctrl-C ends
 * the process as it always does.
 */
export async function readHidden({ stdin, stderr }: Streams, prompt: string): Promise<string> {
  if (!stdin.isTTY) return (await readAll(stdin)).replace(/\r?\n$/, '');
  stderr.write(prompt);
  stdin.setRawMode(true).setEncoding('utf8').resume();
  return new Promise((resolve) => {
    let typed = '';
    const take = (text: string): void => {
      for (const character of text) {
        if (character === '\r' || character === '\n' || character === '\u0003') {
          stdin.off('data', take).setRawMode(false).pause();
          stderr.write('\n');
          if (character === '\u0003') process.kill(process.pid, 'SIGINT');
          else resolve(typed);
          return;
        }
        typed = character === '\u007f' ? typed.slice(0, -1) : typed + character;
      }
    };
    stdin.on('data', take);
  });
}
