// Writes ProxySQL's configuration with its passwords, and a token that only this pod knows. Runs before ProxySQL.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const [from = '/etc/chester/bootstrap', logins = '/etc/chester/logins', to = '/run/chester'] = process.argv.slice(2);

function readLogin(name) {
  const password = readFileSync(`${logins}/${name}`, 'utf8').replace(/\r?\n$/, '');
  if (password !== '' && !/[;:"\\\s]/.test(password)) return password;
  const found = password === '' ? 'is empty' : 'has a character that proxysql.cnf cannot hold';
  console.error(`${name} ${found}; allowed: at least one character, none of ; : " \\ and blanks`);
  process.exit(1);
}

const [admin, monitor] = ['admin-password', 'monitor-password'].map(readLogin);
const cnf = readFileSync(`${from}/proxysql.cnf`, 'utf8')
  .replace('@ADMIN_PASSWORD@', () => admin)
  .replace('@MONITOR_PASSWORD@', () => monitor);
writeFileSync(`${to}/proxysql.cnf`, cnf, { mode: 0o600 });
writeFileSync(`${to}/drain-token`, randomBytes(24).toString('base64url'), { mode: 0o600 });
