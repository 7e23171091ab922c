/** One row of a ProxySQL table: ProxySQL's own column names, values as text, NULL as `null`. */
export type TableRow = Readonly<Record<string, string | null>>;
