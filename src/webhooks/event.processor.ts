import { Injectable, Logger } from '@nestjs/common';
import { Database, type Tx } from '../database/database.js';
import { type Applied, type Cause, OTHER_INSTALLATION } from '../kernel/applied.js';
import { failpoint } from '../kernel/failpoint.js';
import { Metrics } from '../ops/metrics.js';
import { PAYMENT_UNKNOWN } from '../payments/facts/adoption.service.js';
import { FactApplier } from '../payments/facts/fact.applier.js';
import { PaymentsService } from '../payments/payment/payments.service.js';
import type { BillingSubject } from '../providers/billing.facts.js';
import { type Fact, isOfAnOrder, type PaymentRef } from '../providers/facts.js';
import { can, type PaymentProvider } from '../providers/provider.port.js';
import { ProviderRegistry } from '../providers/provider.registry.js';
import type { KnownPayment, WebhookEvent } from '../providers/webhook.ports.js';
import { BillingTruth } from '../subscriptions/facts/billing.truth.js';
import { InboxStore } from './inbox.store.js';
import type { InboxRow } from './inbox.tables.js';

/** How long an event waits for the row of a payment that is named in it: on its way to be committed, or lost. */
const GRACE_S = 30;

/** What came of a whole event. */
export type EventOutcome =
  | { kind: 'finished' }
  /** Waits for something that is not here yet; nothing was finished. */
  | { kind: 'parked'; reason: string };

/** subject → facts → apply, for one event of the inbox. */
@Injectable()
export class EventProcessor {
  private readonly logger = new Logger(EventProcessor.name);

  constructor(
    private readonly database: Database,
    private readonly inbox: InboxStore,
    private readonly payments: FactApplier,
    private readonly reads: PaymentsService,
    private readonly billing: BillingTruth,
    private readonly providers: ProviderRegistry,
    private readonly metrics: Metrics,
  ) {}

  /** @throws ProviderError when the provider cannot be asked; any other error is about this event. */
  async process(row: InboxRow): Promise<EventOutcome> {
    const provider = this.providers.find(row.provider);
    // It was configured where the event was verified: another process of ours, newer or with other settings, has it.
    if (provider === undefined) return { kind: 'parked', reason: 'provider_not_configured' };
    if (row.body === null) return this.end(row, 'ignored', 'its body was pruned');
    const event = await whole(provider, eventOf(row, row.body));
    const subject = provider.subjectOf(event);
    if (subject === undefined || subject.kind === 'unread') {
      const isRead = event.data !== undefined;
      return this.end(row, 'ignored', isRead ? 'its object tells nothing of ours' : 'concerns no payment');
    }
    if (subject.kind !== 'payment') return this.readAnew(row, subject);
    const known = await this.reads.known(subject.ref);
    const facts = await provider.factsOf(event, known);
    if (facts.length === 0) return this.end(row, 'ignored', nothingIn(subject.ref, known));
    const outcome = await this.applyFacts(row, facts, false);
    if (outcome.kind !== 'parked' || outcome.reason !== PAYMENT_UNKNOWN) return outcome;
    const waited = (await this.inbox.ageOf(this.database.db, row)) >= GRACE_S;
    return waited ? this.applyFacts(row, facts, true) : outcome;
  }

  /** @param waited the payment that they are about was waited for long enough. */
  private applyFacts(row: InboxRow, facts: readonly Fact[], waited: boolean): Promise<EventOutcome> {
    return this.applying(row, async (tx) => {
      const applied: Applied[] = [];
      for (const fact of facts) {
        const one = await this.payments.apply(tx, fact, causeOf(row), waited);
        applied.push(one);
        this.count(row, nameOf(fact), one);
        if (one.kind === 'applied' && fact.kind === 'payment' && fact.name === 'succeeded') {
          await this.billing.heardOfPayment(tx, one.id);
        }
      }
      return applied;
    });
  }

  /** Of customers, plans and subscriptions an event says only which one it is: the provider says how it stands. */
  private async readAnew(row: InboxRow, subject: BillingSubject): Promise<EventOutcome> {
    const reading = await this.billing.read(row.provider, subject, causeOf(row));
    if (reading === undefined) return this.end(row, 'ignored', `a ${subject.kind} that is none of ours`);
    return this.applying(row, async (tx) => {
      const applied = await this.billing.apply(tx, reading, causeOf(row));
      for (const one of applied) this.count(row, subject.kind, one);
      return applied;
    });
  }

  private applying(row: InboxRow, apply: (tx: Tx) => Promise<readonly Applied[]>): Promise<EventOutcome> {
    return this.database.transaction(async (tx) => {
      const applied = await apply(tx);
      failpoint('apply-inside-transaction');
      return this.close(tx, row, applied);
    });
  }

  private async close(tx: Tx, row: InboxRow, applied: readonly Applied[]): Promise<EventOutcome> {
    const parked = applied.find((one) => one.kind === 'parked');
    if (parked !== undefined) return { kind: 'parked', reason: parked.reason };
    const summary = applied
      .map((one) => (one.kind === 'applied' ? 'applied' : `${one.kind}: ${one.reason}`))
      .join('; ');
    const conflict = applied.some((one) => one.kind === 'conflict');
    const quarantined = applied.some((one) => one.kind === 'quarantined');
    const ignored = applied.every((one) => one.kind === 'ignored');
    const state = conflict ? 'dead' : quarantined ? 'quarantined' : ignored ? 'ignored' : 'done';
    await this.finish(tx, row, state, summary);
    if (quarantined) this.logger.error(`event ${row.eventId} (${row.type}) is quarantined: ${summary}`);
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

  private count({ provider }: InboxRow, fact: string, applied: Applied): void {
    const others = applied.kind === 'ignored' && applied.reason === OTHER_INSTALLATION;
    this.metrics.factsApplied.inc({ provider, fact, outcome: others ? OTHER_INSTALLATION : applied.kind });
  }
}

/** Reads the object of an event that only names it. */
async function whole(provider: PaymentProvider, event: WebhookEvent): Promise<WebhookEvent> {
  const isUnread = provider.subjectOf(event)?.kind === 'unread';
  return isUnread && can(provider, 'complete') ? provider.complete(event) : event;
}

/** Why an event of a payment moves nothing. */
function nothingIn(ref: PaymentRef, known: KnownPayment | undefined): string {
  return known === undefined && !isOfAnOrder(ref) ? 'not_ours' : 'says nothing that moves a payment';
}

function nameOf(fact: Fact): string {
  return fact.kind === 'payment' ? fact.name : `${fact.kind}_${fact.status}`;
}

function causeOf({ eventId }: InboxRow): Cause {
  return `webhook:${eventId}`;
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

/** This worker's lease ran out while it worked. */
export class LostClaim extends Error {}

/** The event as it was verified when it arrived. */
export function eventOf(row: InboxRow, body: Uint8Array): WebhookEvent {
  return {
    provider: row.provider,
    eventId: row.eventId,
    type: row.type,
    livemode: row.livemode,
    account: row.namedAccount ?? undefined,
    payload: JSON.parse(Buffer.from(body).toString('utf8')),
  };
}
