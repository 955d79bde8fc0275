import { Injectable, Logger } from '@nestjs/common';
import { Database, type Tx } from '../database/database.js';
import { isDatabaseUnavailable } from '../database/sql.errors.js';
import { type Applied, type Cause, OTHER_INSTALLATION } from '../kernel/applied.js';
import { failpoint } from '../kernel/failpoint.js';
import { Metrics } from '../ops/metrics.js';
import { PaymentFacts } from '../payments/facts/payment.facts.js';
import type { BillingSubject } from '../providers/billing.facts.js';
import { type Fact, isOfAnOrder, type PaymentRef } from '../providers/facts.js';
import { can, type PaymentProvider } from '../providers/provider.port.js';
import { ProviderRegistry } from '../providers/provider.registry.js';
import type { WebhookEvent, WebhookSubject } from '../providers/webhook.ports.js';
import { BillingTruth } from '../subscriptions/facts/billing.truth.js';
import { type ClaimedEvent, type End, InboxStore } from './inbox.store.js';

/** How long an event waits for the row of a payment that is named in it: on its way to be committed, or lost. */
const GRACE_S = 30;

/** What came of an event. */
export type EventOutcome =
  | { kind: 'finished' }
  /** Waits for something that is not here yet; nothing was finished. */
  | { kind: 'parked'; reason: string; waitsFor?: string | undefined }
  | { kind: 'failed'; error: unknown }
  /** Somebody else has claimed it meanwhile, and applies it. */
  | { kind: 'lost' };

/** An event that is being worked on. */
interface OpenEvent {
  row: ClaimedEvent;
  provider: PaymentProvider;
  /** Undefined: its body was pruned. */
  event: WebhookEvent | undefined;
  subject: WebhookSubject | undefined;
}

/** An event with what it tells. */
interface ToldEvent {
  row: ClaimedEvent;
  facts: readonly Fact[];
}

/** What came of one fact, for the metrics. */
interface Count {
  row: ClaimedEvent;
  fact: string;
  applied: Applied;
}

/** subject → facts → load, decide, save: for all events of a batch at once. */
@Injectable()
export class EventProcessor {
  private readonly logger = new Logger(EventProcessor.name);

  constructor(
    private readonly database: Database,
    private readonly inbox: InboxStore,
    private readonly payments: PaymentFacts,
    private readonly billing: BillingTruth,
    private readonly providers: ProviderRegistry,
    private readonly metrics: Metrics,
  ) {}

  /** @returns what came of each, in their order. Those that need no read wait for none. */
  async process(rows: readonly ClaimedEvent[]): Promise<EventOutcome[]> {
    const outcomes = new Map<ClaimedEvent, EventOutcome>();
    const [known, unread] = this.sorted(rows, outcomes);
    const reads = unread.map((event) => this.read(event, outcomes));
    await this.tell(known, outcomes);
    const read = (await Promise.all(reads)).flatMap((event) => event ?? []);
    await this.tell(read, outcomes);
    return rows.map((row) => outcomes.get(row) ?? { kind: 'lost' });
  }

  /** Those whose bodies say what they are about, and those that only name it. */
  private sorted(
    rows: readonly ClaimedEvent[],
    outcomes: Map<ClaimedEvent, EventOutcome>,
  ): [OpenEvent[], OpenEvent[]] {
    const [known, unread]: [OpenEvent[], OpenEvent[]] = [[], []];
    for (const row of rows) {
      const provider = this.providers.find(row.provider);
      try {
        // It was configured where the event was verified: another process of ours, newer or with other settings, has it.
        if (provider === undefined) outcomes.set(row, { kind: 'parked', reason: 'provider_not_configured' });
        else {
          const event = row.body === null ? undefined : eventOf(row, row.body);
          const subject = event && provider.subjectOf(event);
          (subject?.kind === 'unread' ? unread : known).push({ row, provider, event, subject });
        }
      } catch (error) {
        outcomes.set(row, { kind: 'failed', error });
      }
    }
    return [known, unread];
  }

  /** Reads the object of an event that only names it. */
  private async read(
    { row, provider, event }: OpenEvent,
    outcomes: Map<ClaimedEvent, EventOutcome>,
  ): Promise<OpenEvent | undefined> {
    try {
      if (event === undefined || !can(provider, 'complete'))
        return { row, provider, event, subject: undefined };
      const whole = await provider.complete(event);
      return { row, provider, event: whole, subject: provider.subjectOf(whole) };
    } catch (error) {
      outcomes.set(row, { kind: 'failed', error });
      return undefined;
    }
  }

  private async tell(events: readonly OpenEvent[], outcomes: Map<ClaimedEvent, EventOutcome>): Promise<void> {
    const ends: End[] = [];
    const payments: (OpenEvent & { event: WebhookEvent; ref: PaymentRef })[] = [];
    const billing: Promise<unknown>[] = [];
    for (const { row, provider, event, subject } of events) {
      const ignored = (outcome: string): unknown => ends.push({ row, state: 'ignored', outcome });
      if (event === undefined) ignored('its body was pruned');
      else if (subject === undefined || subject.kind === 'unread')
        ignored(event.data === undefined ? 'concerns no payment' : 'its object tells nothing of ours');
      else if (subject.kind === 'payment') payments.push({ row, provider, event, subject, ref: subject.ref });
      else billing.push(this.readAnew(row, subject).then((outcome) => outcomes.set(row, outcome)));
    }
    const known = await this.payments.known(
      this.database.db,
      payments.map(({ ref }) => ref),
    );
    const told: ToldEvent[] = [];
    const reads: Promise<unknown>[] = [];
    const readEnds: End[] = [];
    const readTold: ToldEvent[] = [];
    payments.forEach(({ row, provider, event, ref }, index) => {
      const outcome = nothingIn(ref, known[index] !== undefined);
      const keep = (facts: readonly Fact[], to: { told: ToldEvent[]; ends: End[] }): unknown =>
        facts.length > 0 ? to.told.push({ row, facts }) : to.ends.push({ row, state: 'ignored', outcome });
      const failed = (error: unknown): unknown => outcomes.set(row, { kind: 'failed', error });
      try {
        const facts = provider.factsOf(event, known[index]);
        if (facts instanceof Promise)
          reads.push(facts.then((read) => keep(read, { told: readTold, ends: readEnds }), failed));
        else keep(facts, { told, ends });
      } catch (error) {
        failed(error);
      }
    });
    await this.settle(told, ends, outcomes);
    await Promise.all([...billing, ...reads]);
    await this.settle(readTold, readEnds, outcomes);
  }

  /** All of them in one transaction; what fails is looked for by halves, so that one event takes no other along. */
  private async settle(
    told: readonly ToldEvent[],
    ends: readonly End[],
    outcomes: Map<ClaimedEvent, EventOutcome>,
  ): Promise<void> {
    if (told.length + ends.length === 0) return;
    try {
      const counts: Count[] = [];
      await this.database.transaction(async (tx) => {
        counts.length = 0;
        const settled = await this.applyAll(tx, told, counts);
        failpoint('apply-inside-transaction');
        await this.finish(tx, [...ends, ...settled.flatMap(({ end }) => end ?? [])]);
        for (const { row, outcome } of settled) outcomes.set(row, outcome);
      });
      for (const { row } of ends) outcomes.set(row, { kind: 'finished' });
      for (const one of counts) this.count(one);
    } catch (error) {
      const rows = [...told, ...ends].map(({ row }) => row);
      if (rows.length === 1 || isDatabaseUnavailable(error)) {
        const outcome: EventOutcome =
          error instanceof LostClaim ? { kind: 'lost' } : { kind: 'failed', error };
        for (const row of rows) outcomes.set(row, outcome);
        return;
      }
      const [half, halfOfEnds] = [Math.ceil(told.length / 2), Math.ceil(ends.length / 2)];
      await this.settle(told.slice(0, half), ends.slice(halfOfEnds), outcomes);
      await this.settle(told.slice(half), ends.slice(0, halfOfEnds), outcomes);
    }
  }

  private async applyAll(tx: Tx, told: readonly ToldEvent[], counts: Count[]) {
    const all = told.flatMap(({ row, facts }) =>
      facts.map((fact) => ({ row, fact, cause: causeOf(row), waited: row.waitedSeconds >= GRACE_S })),
    );
    const decisions = await this.payments.applyAll(tx, all);
    const paid: string[] = [];
    const byRow = new Map<ClaimedEvent, Applied[]>(told.map(({ row }) => [row, []]));
    decisions.forEach(({ applied }, index) => {
      const one = all[index];
      if (one === undefined) return;
      byRow.get(one.row)?.push(applied);
      counts.push({ row: one.row, fact: nameOf(one.fact), applied });
      const isSuccess = one.fact.kind === 'payment' && one.fact.name === 'succeeded';
      if (applied.kind === 'applied' && isSuccess) paid.push(applied.id);
    });
    if (paid.length > 0) await this.billing.heardOfPayments(tx, paid);
    return [...byRow].map(([row, applied]) => ({ row, ...this.endOf(row, applied) }));
  }

  /** Of customers, plans and subscriptions an event says only which one it is: the provider says how it stands. */
  private async readAnew(row: ClaimedEvent, subject: BillingSubject): Promise<EventOutcome> {
    try {
      const reading = await this.billing.read(row.provider, subject, causeOf(row));
      if (reading === undefined) {
        const outcome = `a ${subject.kind} that is none of ours`;
        await this.finish(this.database.db, [{ row, state: 'ignored', outcome }]);
        return { kind: 'finished' };
      }
      return await this.database.transaction(async (tx) => {
        const applied = await this.billing.apply(tx, reading, causeOf(row));
        for (const one of applied) this.count({ row, fact: subject.kind, applied: one });
        failpoint('apply-inside-transaction');
        const { end, outcome } = this.endOf(row, applied);
        if (end !== undefined) await this.finish(tx, [end]);
        return outcome;
      });
    } catch (error) {
      return error instanceof LostClaim ? { kind: 'lost' } : { kind: 'failed', error };
    }
  }

  private endOf(
    row: ClaimedEvent,
    applied: readonly Applied[],
  ): { outcome: EventOutcome; end?: End | undefined } {
    const parked = applied.find((one) => one.kind === 'parked');
    if (parked !== undefined) return { outcome: parked };
    const is = (kind: Applied['kind']): boolean => applied.some((one) => one.kind === kind);
    const ignored = applied.every((one) => one.kind === 'ignored');
    const state = is('conflict') ? 'dead' : is('quarantined') ? 'quarantined' : ignored ? 'ignored' : 'done';
    const outcome = applied
      .map((one) => (one.kind === 'applied' ? 'applied' : `${one.kind}: ${one.reason}`))
      .join('; ');
    if (state === 'quarantined')
      this.logger.error(`event ${row.eventId} (${row.type}) is quarantined: ${outcome}`);
    return { outcome: { kind: 'finished' }, end: { row, state, outcome } };
  }

  /** Rolls everything back when another worker took an event over: that one applies it. */
  private async finish(db: Parameters<InboxStore['finish']>[0], ends: readonly End[]): Promise<void> {
    if ((await this.inbox.finish(db, ends)) < ends.length) throw new LostClaim('an event was claimed again');
  }

  private count({ row: { provider }, fact, applied }: Count): void {
    const others = applied.kind === 'ignored' && applied.reason === OTHER_INSTALLATION;
    this.metrics.factsApplied.inc({ provider, fact, outcome: others ? OTHER_INSTALLATION : applied.kind });
  }
}

/** Why an event of a payment moves nothing. */
function nothingIn(ref: PaymentRef, isKnown: boolean): string {
  return !isKnown && !isOfAnOrder(ref) ? 'not_ours' : 'says nothing that moves a payment';
}

function nameOf(fact: Fact): string {
  return fact.kind === 'payment' ? fact.name : `${fact.kind}_${fact.status}`;
}

function causeOf({ eventId }: ClaimedEvent): Cause {
  return `webhook:${eventId}`;
}

/** This worker's lease ran out while it worked. */
class LostClaim extends Error {}

/** The event as it was verified when it arrived. */
export function eventOf(row: Omit<ClaimedEvent, 'waitedSeconds'>, body: Uint8Array): WebhookEvent {
  return {
    provider: row.provider,
    eventId: row.eventId,
    type: row.type,
    livemode: row.livemode,
    account: row.namedAccount ?? undefined,
    payload: JSON.parse(Buffer.from(body).toString('utf8')),
  };
}
