/** A secret as AES-256-GCM leaves it; nonce and sealed bytes (with the tag at their end) as base64. */
export type SealedSecret = { readonly keyId: string; readonly nonce: string; readonly sealed: string };

/** What the store has of a secret: it, encrypted, or where it is in Secret Manager. */
export type StoredSecret = { readonly name: string; readonly changedAtMs: number } & (
  { readonly kind: 'sealed'; readonly box: SealedSecret } | { readonly kind: 'resource'; readonly resource: string }
);

/** A version of a secret of Secret Manager; `latest` follows the newest. */
export const secretResource = {
  pattern: /^projects\/[a-z0-9:.-]{1,63}\/secrets\/[A-Za-z0-9_-]{1,255}\/versions\/(?:latest|\d{1,9})$/,
  allowed: 'projects/PROJECT/secrets/NAME/versions/NUMBER, or latest for the number',
};
