import { CoordinatorError } from '../errors.ts';
import { type GoogleCallOptions, GoogleSecretsApi } from './google-post.ts';

const versionPattern =
  /^projects\/[a-z0-9:.-]+\/locations\/[a-z0-9-]+\/keyRings\/[A-Za-z0-9_-]+\/cryptoKeys\/[A-Za-z0-9_-]+\/cryptoKeyVersions\/\d+$/;

/**
 * Decrypts what Chester encrypted with the public half of a key of Cloud KMS (RSA-OAEP).
 *
 * @see https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys.cryptoKeyVersions/asymmetricDecrypt
 */
export class CloudKms {
  readonly #api: GoogleSecretsApi;

  constructor(options: GoogleCallOptions) {
    this.#api = new GoogleSecretsApi('https://cloudkms.googleapis.com/', options);
  }

  /**
   * @param version Full name of the key's version.
   * @param ciphertext As base64.
   * @throws {CoordinatorError} SECRET_MISSING
   */
  async decrypt(version: string, ciphertext: string): Promise<string> {
    if (!versionPattern.test(version)) {
      const allowed = 'projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/N';
      throw new CoordinatorError('SECRET_MISSING', `the key's version is not of the form ${allowed}`);
    }
    const { plaintext } = await this.#api.call(version, `v1/${version}:asymmetricDecrypt`, { ciphertext });
    if (typeof plaintext !== 'string') throw new CoordinatorError('SECRET_MISSING', `${version}: an unreadable answer`);
    return Buffer.from(plaintext, 'base64').toString();
  }
}
