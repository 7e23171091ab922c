/** A PEM file that proxies need. */
export type Certificate = {
  /** Hash of the content, lower-case hex: what proxies name their file by. */
  readonly id: string;
  readonly pem: string;
};

/** The client's side of TLS towards a group's servers. */
export type ClientCertificate = { readonly certificatePem: string; readonly keyPem: string };
