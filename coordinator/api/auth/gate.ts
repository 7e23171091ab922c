import { type Caller, mayAccess, type Need } from '../../core/access.ts';

/** What a caller showed, whatever it came by. */
export type Shown = {
  /** Where the call came from, without the port. */
  readonly source: string;
  /** The header `authorization`; empty: none. */
  readonly authorization: string;
  /** The header `x-goog-iap-jwt-assertion`; empty: none. */
  readonly iapAssertion: string;
  /** Names in a client certificate that the TLS layer verified: `CN=…`, `URI:…`, `DNS:…`. */
  readonly certificateNames: readonly string[];
};

/** Finds out who calls. */
export interface Gate {
  /** Null: nobody that is known here. It does not tell why. Never throws. */
  identify(shown: Shown): Promise<Caller | 'unknown' | 'busy'>;
}

/** What became of a call before it did anything. */
export type Admission =
  | { readonly outcome: 'admitted'; readonly caller: Caller }
  | { readonly outcome: 'unknown'; readonly message: string }
  /** Too many passwords are being checked. */
  | { readonly outcome: 'busy'; readonly message: string }
  | { readonly outcome: 'denied'; readonly caller: Caller; readonly message: string };

/**
 * Admits a call or not, before anything is looked up: the answer is the same whether the group exists or not. The one
 * place that decides, for gRPC and HTTP.
 */
export async function authorise(gate: Gate, shown: Shown, needs: readonly Need[]): Promise<Admission> {
  const caller = await gate.identify(shown);
  if (caller === 'unknown') {
    return { outcome: 'unknown', message: 'show a credential that this coordinator takes' };
  }
  if (caller === 'busy') {
    return { outcome: 'busy', message: 'too many logins are being checked; try again' };
  }
  const refused = needs.find((need) => !mayAccess(caller, need));
  if (refused === undefined) return { outcome: 'admitted', caller };
  const where = refused.scope.kind === 'group' ? 'this group' : 'what concerns the whole installation';
  return { outcome: 'denied', caller, message: `${caller.name} may not ${refused.permission} ${where}` };
}
