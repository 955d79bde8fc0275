import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { SandboxClock } from '../clock.js';
import { notFound } from './conekta.errors.js';
import { newHexId } from './conekta.ids.js';
import type { WebhookKey } from './conekta.types.js';

interface KeyRecord {
  key: WebhookKey;
  privateKey: KeyObject;
}

/** The RSA keys of webhooks, oldest first. The newest active one signs. */
export class WebhookKeys {
  private records: KeyRecord[] = [];

  constructor(
    private readonly clock: SandboxClock,
    private readonly livemode: boolean,
  ) {}

  get all(): WebhookKey[] {
    return this.records.map(({ key }) => key);
  }

  /** @param pem the private half; a fresh pair when absent */
  add(active: boolean, pem?: string): WebhookKey {
    const privateKey =
      pem === undefined
        ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
        : createPrivateKey(pem);
    const key: WebhookKey = {
      id: newHexId(),
      object: 'webhook_key',
      active,
      livemode: this.livemode,
      created_at: this.clock.seconds(),
      deactivated_at: active ? null : this.clock.seconds(),
      public_key: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
    };
    this.records.push({ key, privateKey });
    return key;
  }

  get(id: string): WebhookKey {
    return this.record(id).key;
  }

  setActive(id: string, active: boolean): WebhookKey {
    const { key } = this.record(id);
    if (key.active !== active) key.deactivated_at = active ? null : this.clock.seconds();
    key.active = active;
    return key;
  }

  delete(id: string): WebhookKey {
    const record = this.record(id);
    this.records = this.records.filter((one) => one !== record);
    record.key.active = false;
    return record.key;
  }

  /** The key that signs now, or undefined: then deliveries carry no signature. */
  get signing(): WebhookKey | undefined {
    return this.signer()?.key;
  }

  /** Base64 of RSASSA-PKCS1-v1_5 with SHA-256 over these bytes. */
  sign(body: Buffer): string | undefined {
    const signer = this.signer();
    return signer && sign('sha256', body, signer.privateKey).toString('base64');
  }

  private signer(): KeyRecord | undefined {
    return this.records.findLast(({ key }) => key.active);
  }

  private record(id: string): KeyRecord {
    const record = this.records.find(({ key }) => key.id === id);
    if (!record) throw notFound('webhook key', id);
    return record;
  }
}
