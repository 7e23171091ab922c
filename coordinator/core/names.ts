/** Names and addresses as they may appear in declarations, and the words that say what is allowed. */
export type TextRule = { readonly pattern: RegExp; readonly allowed: string };

/** Groups, fleets, cells, secrets: they become labels. */
export const labelName: TextRule = {
  pattern: /^[a-z][a-z0-9-]{0,62}$/,
  allowed: 'a lower-case letter, then up to 62 of a-z, 0-9 and -',
};

/**
 * A Cloud SQL instance that becomes a label value too, hence at most 63 characters.
 *
 * @see https://cloud.google.com/sql/docs/mysql/instance-settings
 */
export const instanceName: TextRule = {
  pattern: /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  allowed: 'a lower-case letter, then up to 62 of a-z, 0-9 and -, not ending in -',
};

/** What a replica's name may begin with; a random suffix of nine characters follows. */
export const instanceNamePrefix: TextRule = {
  pattern: /^[a-z][a-z0-9-]{0,79}$/,
  allowed: 'a lower-case letter, then up to 79 of a-z, 0-9 and -',
};

/** A Google Cloud project, also of the old domain-scoped form. */
export const projectId: TextRule = {
  pattern: /^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{2,28}[a-z0-9]$/,
  allowed: 'a project id of 4 to 30 of a-z, 0-9 and -',
};

/** A host as ProxySQL gets it: a DNS name or an IP address, nothing that SQL or a socket path could hide in. */
export const hostname: TextRule = {
  pattern: /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]{2,45})$/,
  allowed: 'a DNS name or an IP address of letters, digits, dots, hyphens (and colons in IPv6)',
};

/** A MySQL account's name. */
export const userName: TextRule = {
  pattern: /^[^\p{Cc}]{1,32}$/u,
  allowed: '1 to 32 characters, none of them a control character',
};

export const schemaName: TextRule = {
  pattern: /^[^\p{Cc}]{1,64}$/u,
  allowed: '1 to 64 characters, none of them a control character',
};

/** What is shown to people beside a row. */
export const remark: TextRule = {
  pattern: /^[^\p{Cc}]{0,200}$/u,
  allowed: 'up to 200 characters, none of them a control character',
};

/** What ProxySQL gets as it is: a regular expression, a statement, a message. */
export const plainText: TextRule = {
  pattern: /^[^\0]{0,4096}$/,
  allowed: 'up to 4096 characters without NUL',
};
export const filledText: TextRule = {
  pattern: /^[^\0]{1,4096}$/,
  allowed: '1 to 4096 characters without NUL',
};

/** A client's address as query rules match it; `%` stands for the rest. */
export const clientAddress: TextRule = {
  pattern: /^[0-9A-Fa-f.:]{1,45}%?$/,
  allowed: 'an IP address, or the beginning of one followed by %',
};

/** @see stats_mysql_query_digest.digest */
export const queryDigest: TextRule = {
  pattern: /^0x[0-9A-Fa-f]{1,16}$/,
  allowed: '0x and up to 16 hexadecimal digits, as stats_mysql_query_digest shows it',
};

export const regexModifiers: TextRule = {
  pattern: /^(?:CASELESS|GLOBAL|CASELESS,GLOBAL|NONE)$/,
  allowed: 'CASELESS or GLOBAL or "CASELESS,GLOBAL" or NONE',
};

/** @see global_variables; one variable's name ends in capitals. */
export const variableName: TextRule = {
  pattern: /^mysql-[a-z0-9_]{1,100}(?:_MB)?$/,
  allowed: "the name of a variable of ProxySQL's that begins with mysql-",
};

/** An instance name may have at most this many characters together with its project and a colon. */
export const projectAndInstanceCharactersMax = 98;
