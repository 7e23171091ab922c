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

/** An instance name may have at most this many characters together with its project and a colon. */
export const projectAndInstanceCharactersMax = 98;
