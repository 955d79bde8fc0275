import { Injectable } from '@nestjs/common';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { EncryptionSettings } from '../../config/settings.js';
import { ServiceError } from '../../kernel/errors.js';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The row that a secret is bound to: copied to another row, it does not open. */
interface SecretPlace {
  provider: string;
  keyId: string;
}

/** Keeps the secrets of registered endpoints unreadable to whoever sees the database alone. */
@Injectable()
export class SecretBox {
  constructor(private readonly settings: EncryptionSettings) {}

  /** @throws ServiceError encryption_key_missing */
  requireKey(): Buffer {
    if (this.settings.key !== undefined) return this.settings.key;
    throw new ServiceError(
      'encryption_key_missing',
      'ENCRYPTION_KEY is not set, and the secret of an endpoint is not kept in clear: set it to 32 random bytes',
    );
  }

  /** Nonce, tag, text. @throws ServiceError encryption_key_missing */
  seal(text: string, place: SecretPlace): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.requireKey(), nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(boundTo(place));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws Error when it was sealed with another key, for another row, or was changed. */
  open(bytes: Uint8Array, place: SecretPlace): string {
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, this.requireKey(), nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(place));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  }
}

function boundTo({ provider, keyId }: SecretPlace): Buffer {
  return Buffer.from(JSON.stringify([provider, keyId]), 'utf8');
}
