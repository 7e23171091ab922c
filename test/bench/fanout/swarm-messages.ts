/** What the bench tells a process of agents, and what that answers. */
export type SwarmOrder =
  | {
      readonly kind: 'connect';
      readonly port: number;
      /** `tcp` and `http2` are the floors: the same bytes, and nothing behind them. */
      readonly protocol: 'tcp' | 'http2' | 'chester';
      readonly first: number;
      readonly count: number;
      readonly fleet: string;
      readonly tls: TlsFiles | null;
      /** Connections that are being opened at the same time; the others wait. */
      readonly atOnceMax: number;
    }
  | { readonly kind: 'report'; readonly intervalMs: number; readonly servers: number }
  /** Breaks every connection; the agents come back within the window that their coordinator named, or at once. */
  | { readonly kind: 'break'; readonly obeysWindow: boolean }
  | { readonly kind: 'close' };

export type TlsFiles = { readonly ca: string; readonly cert: string; readonly key: string };

export type SwarmAnswer =
  /** All agents are connected and in sync. */
  | { readonly kind: 'synced'; readonly tookMs: number; readonly sentAway: number; readonly updates: number }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly message: string };
