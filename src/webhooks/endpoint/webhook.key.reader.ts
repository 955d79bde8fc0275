import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { VerificationKey } from '../../providers/webhook.endpoints.js';
import { type AcceptedKey, EndpointStore, type NewWebhookKey } from './endpoint.store.js';
import type { WebhookKeyRow } from './endpoint.tables.js';
import { SecretBox } from './secret.box.js';

/** A key as webhooks are verified with it. */
export interface UsableKey {
  value: string;
  livemode: boolean;
}

/** Keys between their rows, where a secret is sealed, and their use. */
@Injectable()
export class WebhookKeyReader {
  private readonly logger = new Logger(WebhookKeyReader.name);

  constructor(
    private readonly database: Database,
    private readonly store: EndpointStore,
    private readonly box: SecretBox,
  ) {}

  /** The provider's accepted keys, without those that cannot be opened any more. */
  async usable(provider: string): Promise<readonly UsableKey[]> {
    const rows = await this.store.acceptedKeys(this.database.db, provider);
    return rows.flatMap((row) => this.opened(row) ?? []);
  }

  private opened(row: AcceptedKey): UsableKey | undefined {
    try {
      return { value: this.valueOf(row), livemode: row.livemode };
    } catch {
      this.logger.error(
        `webhook key ${row.id} of ${row.provider} cannot be opened: ENCRYPTION_KEY is not the one it was sealed with`,
      );
      return undefined;
    }
  }

  /** @throws ServiceError encryption_key_missing */
  toRow(
    id: string,
    endpoint: { id: string; provider: string; remoteId: string },
    key: VerificationKey,
  ): NewWebhookKey {
    const place = { provider: endpoint.provider, keyId: id };
    return {
      id,
      provider: endpoint.provider,
      endpointId: endpoint.id,
      endpointRemoteId: endpoint.remoteId,
      remoteId: key.remoteId ?? null,
      value: key.secret ? this.box.seal(key.value, place) : Buffer.from(key.value, 'utf8'),
      encrypted: key.secret,
    };
  }

  /** For the provider, to end it: that must go on when nobody can open its secret any more. */
  toEnd(row: WebhookKeyRow): VerificationKey {
    return { remoteId: row.remoteId ?? undefined, value: this.valueOrNothing(row), secret: row.encrypted };
  }

  private valueOrNothing(row: WebhookKeyRow): string {
    try {
      return this.valueOf(row);
    } catch {
      return '';
    }
  }

  private valueOf(row: WebhookKeyRow): string {
    if (!row.encrypted) return Buffer.from(row.value).toString('utf8');
    return this.box.open(row.value, { provider: row.provider, keyId: row.id });
  }
}
