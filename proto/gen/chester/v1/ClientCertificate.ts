// Original file: proto/chester/v1/snapshot.proto


export interface ClientCertificate {
  'certificatePem'?: (string);
  'keyPem'?: (string);
}

export interface ClientCertificate__Output {
  'certificatePem': (string);
  'keyPem': (string);
}
