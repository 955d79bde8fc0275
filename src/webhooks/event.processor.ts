import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../database/database.js';
import { failpoint } from '../kernel/failpoint.js';
import { Metrics } from '../ops/metrics.js';
import { OutboxSignal } from '../outbox/outbox.signal.js';
import type { Applied } from '../payments/payment/applied.js';
import { FactApplier } from '../payments/facts/fact.applier.js';
import { KnownPayments } from '../payments/payment/known.payments.js';
import type { Fact } from '../providers/facts.js';
import type { PaymentProvider, WebhookEvent } from '../providers/provider.port.js';
import { ProviderRegistry } from '../providers/provider.registry.js';
import { InboxStore } from './inbox.store.js';
import type { InboxRow } from './inbox.tables.js';

/** What came of a whole event. */
export type EventOutcome =
  | { kind: 'finished' }
  /** Waits for something that is not here yet; nothing was finished. */
  | { kind: 'parked'; reason: string };

@Injectable()
export class EventPayments {
  constructor(
    readonly applier: FactApplier,
    readonly known: KnownPayments,
    readonly signal: OutboxSignal,
  ) {}
}

/** confirm → translate → apply, for one event of the inbox. */
@Injectable()
export class EventProcessor {
  constructor(
    private readonly database: Database,
    private readonly inbox: InboxStore,
    private readonly payments: EventPayments,
    private readonly providers: ProviderRegistry,
    private readonly metrics: Metrics,
  ) {}

  /** @throws ProviderError when the provider cannot be asked; any other error is about this event. */
  async process(row: InboxRow): Promise<EventOutcome> {
    const provider = this.providers.find(row.provider);
    // It was configured where the event was verified: another process of ours, newer or with other settings, has it.
    if (provider === undefined) return { kind: 'parked', reason: 'provider_not_configured' };
    if (row.body === null) return this.end(row, 'ignored', 'its body was pruned');
    const facts = await this.factsOf(provider, eventOf(row, row.body));
    if (facts.length === 0) return this.end(row, 'ignored', 'concerns no payment');
    const outcome = await this.database.transaction(async (tx) => {
      const applied: Applied[] = [];
      for (const fact of facts)
        applied.push(await this.payments.applier.apply(tx, fact, `webhook:${row.eventId}`));
      failpoint('apply-inside-transaction');
      return this.close(tx, row, facts, applied);
    });
    this.payments.signal.wake();
    return outcome;
  }

  private async factsOf(provider: PaymentProvider, event: WebhookEvent): Promise<readonly Fact[]> {
    const ref = provider.refOf(event);
    const known = ref === undefined ? undefined : await this.payments.known.find(ref);
    return provider.translateWebhook(await provider.confirmWebhook(event, known));
  }

  private async close(
    tx: Tx,
    row: InboxRow,
    facts: readonly Fact[],
    applied: readonly Applied[],
  ): Promise<EventOutcome> {
    facts.forEach((fact, index) => this.count(fact, applied[index]));
    const parked = applied.find((one) => one.kind === 'parked');
    if (parked !== undefined) return { kind: 'parked', reason: parked.reason };
    const summary = applied
      .map((one) => (one.kind === 'applied' ? 'applied' : `${one.kind}: ${one.reason}`))
      .join('; ');
    const conflict = applied.some((one) => one.kind === 'conflict');
    const ignored = applied.every((one) => one.kind === 'ignored');
    await this.finish(tx, row, conflict ? 'dead' : ignored ? 'ignored' : 'done', summary);
    return { kind: 'finished' };
  }

  private async end(row: InboxRow, state: 'ignored', outcome: string): Promise<EventOutcome> {
    await this.finish(this.database.db, row, state, outcome);
    return { kind: 'finished' };
  }

  /** Rolls everything back when another worker took the event over: that one applies it. */
  private async finish(
    db: Parameters<InboxStore['finish']>[0],
    ...rest: Tail<Parameters<InboxStore['finish']>>
  ): Promise<void> {
    if (!(await this.inbox.finish(db, ...rest)))
      throw new LostClaim(`event ${rest[0].eventId} was claimed again`);
  }

  private count(fact: Fact, applied: Applied | undefined): void {
    const name = fact.kind === 'payment' ? fact.name : `${fact.kind}_${fact.status}`;
    this.metrics.factsApplied.inc({
      provider: fact.ref.provider,
      fact: name,
      outcome: applied?.kind ?? 'ignored',
    });
  }
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

/** This worker's lease ran out while it worked. */
export class LostClaim extends Error {}

/** The event as it was verified when it arrived. */
function eventOf(row: InboxRow, body: Uint8Array): WebhookEvent {
  return {
    provider: row.provider,
    eventId: row.eventId,
    type: row.type,
    livemode: row.livemode,
    foreignAccount: row.foreignAccount ?? undefined,
    payload: JSON.parse(Buffer.from(body).toString('utf8')),
  };
}
