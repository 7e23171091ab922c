const listTables = "sqlite_master WHERE type='table' AND name NOT IN ('sqlite_sequence') ORDER BY name";
const listVariables = 'SELECT variable_name AS Variable_name, variable_value AS Value FROM main.global_variables';

const rewrites: readonly (readonly [RegExp, string | ((...groups: string[]) => string)])[] = [
  [/^SHOW TABLES$/i, `SELECT name AS tables FROM ${listTables}`],
  [/^SHOW TABLES (?:IN|FROM) (.+)$/i, (schema) => `SELECT name AS tables FROM ${schema}.${listTables}`],
  [
    /^SHOW TABLES LIKE '?([^']+)'?$/i,
    (pattern) => `SELECT name AS tables FROM sqlite_master WHERE type='table' AND name LIKE '${pattern}'`,
  ],
  [/^SHOW MYSQL USERS$/i, 'SELECT * FROM mysql_users ORDER BY username, active DESC, username ASC'],
  [/^SHOW MYSQL SERVERS$/i, 'SELECT * FROM mysql_servers ORDER BY hostgroup_id, hostname, port'],
  [/^SHOW (?:GLOBAL |ALL )?VARIABLES$/i, `${listVariables} ORDER BY variable_name`],
  [
    /^SHOW (ADMIN|MYSQL) VARIABLES$/i,
    (prefix) => `${listVariables} WHERE variable_name LIKE '${prefix.toLowerCase()}-%' ORDER BY variable_name`,
  ],
  [/^SHOW VARIABLES WHERE (.*)$/i, (condition) => `${listVariables} WHERE ${condition}`],
  [/^SHOW VARIABLES LIKE (.*)$/i, (pattern) => `${listVariables} WHERE variable_name LIKE ${pattern}`],
  [
    /^SHOW MYSQL STATUS$/i,
    'SELECT Variable_Name AS Variable_name, Variable_Value AS Value FROM stats_mysql_global ORDER BY variable_name',
  ],
  [/^SHOW CREATE TABLE (?:(\w+)\.)?`?(\w+)`?$/i, showCreateTable],
  [/^SHOW (?:DATABASES|SCHEMAS)$/i, 'PRAGMA DATABASE_LIST'],
  [/^SHOW FULL PROCESSLIST$/i, 'SELECT * FROM stats_mysql_processlist'],
  [
    /^SHOW PROCESSLIST$/i,
    'SELECT SessionID, user, db, hostgroup, command, time_ms, SUBSTR(info,0,100) info FROM stats_mysql_processlist',
  ],
];

/** Turns the SHOW statements that ProxySQL knows into SQLite's; null for any other text. */
export function showSql(text: string): string | null {
  for (const [pattern, answer] of rewrites) {
    const match = pattern.exec(text);
    if (match !== null) return typeof answer === 'string' ? answer : answer(...match.slice(1));
  }
  return null;
}

/** SQLite keeps a definition as it was written; ProxySQL breaks it into lines when it is shown. */
function showCreateTable(schema: string | undefined, table: string | undefined): string {
  const head = `CREATE TABLE ${table ?? ''} (`;
  return `SELECT name AS 'table',
    REPLACE(REPLACE(sql, ' , ', X'2C0A20202020'), '${head}', '${head}' || X'0A20202020') AS 'Create Table'
    FROM ${schema ?? 'main'}.sqlite_master WHERE type='table' AND name='${table ?? ''}'`;
}
