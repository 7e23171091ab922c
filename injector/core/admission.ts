import type { Injection } from './injection.ts';
import { isObject, type Json, type JsonObject, read, readText } from './json.ts';

/** A pod that is about to be created. */
export type AdmissionRequest = {
  readonly uid: string;
  readonly namespace: string;
  /** `null`: nothing that an agent could be put into. */
  readonly pod: JsonObject | null;
};

/** Reads an AdmissionReview of `admission.k8s.io/v1`; `null` when it is none. */
export function parseReview(review: Json): AdmissionRequest | null {
  const request = read(review, 'request');
  const uid = readText(request, 'uid');
  if (readText(review, 'apiVersion') !== 'admission.k8s.io/v1' || uid === '') return null;
  const object = read(request, 'object');
  const isNewPod =
    readText(request, 'operation') === 'CREATE' &&
    readText(request, 'resource', 'group') === '' &&
    readText(request, 'resource', 'resource') === 'pods' &&
    readText(request, 'subResource') === '';
  return { uid, namespace: readText(request, 'namespace'), pod: isNewPod && isObject(object) ? object : null };
}

/** How many characters of a warning the API server passes on. */
const warningCharactersMax = 256;

/** Builds the answer: always allowed, with a patch and warnings where there are any. */
export function buildReview(uid: string, injection: Injection | null): JsonObject {
  const warnings = (injection?.warnings ?? []).map((text) => `chester: ${text}`.slice(0, warningCharactersMax));
  const patch = injection?.outcome === 'injected' ? JSON.stringify(injection.patch) : null;
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: true,
      ...(patch === null ? {} : { patchType: 'JSONPatch', patch: Buffer.from(patch).toString('base64') }),
      ...(warnings.length === 0 ? {} : { warnings }),
    },
  };
}
