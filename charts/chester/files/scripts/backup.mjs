// Writes the store into a file named by the time, and keeps the newest ones.
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';

const { CHESTER_PROGRAM = '/app/lib/bin/chester.js', BACKUP_FOLDER = '/backups', BACKUP_KEEP = '14' } = process.env;
const file = `${BACKUP_FOLDER}/store-${new Date().toISOString().replace(/[:.]/g, '-')}.json`;
execFileSync(process.execPath, [CHESTER_PROGRAM, 'store', 'backup', file, '--live'], { stdio: 'inherit' });
const files = readdirSync(BACKUP_FOLDER)
  .filter((name) => /^store-[\dTZ-]+\.json$/.test(name))
  .sort();
for (const old of files.slice(0, Math.max(0, files.length - Number(BACKUP_KEEP)))) rmSync(`${BACKUP_FOLDER}/${old}`);
console.log(`wrote ${file}; kept ${Math.min(files.length, Number(BACKUP_KEEP))}`);
