import { Injectable } from '@nestjs/common';
import { OrdersSettings, ServiceSettings } from '../../config/settings.js';
import type { Queryable, Tx } from '../../database/database.js';
import { Installation, ServiceFacts, timeOf } from '../../database/service.store.js';
import type { Applied, Cause } from '../../kernel/applied.js';
import { OutboxStore } from '../../outbox/outbox.store.js';
import type { Fact, PaymentRef } from '../../providers/facts.js';
import type { KnownPayment } from '../../providers/webhook.ports.js';
import { isClosed, isPaid } from '../payment/payment.js';
import { PaymentStore } from '../payment/payment.store.js';
import type { OrderSlot, PaymentRow } from '../payment/payment.tables.js';
import { paymentOf, slotKeyOf } from './decide.js';
import { LoadedPayments } from './loaded.payments.js';
import type { OwnFact } from './own.facts.js';
import { MovedMeanwhile, PaymentFactsStore } from './payment.facts.store.js';
import { type Decision, type DecisionRules, PaymentDraft, stateOf, type ToldFact } from './payment.state.js';

type Told = Omit<ToldFact, 'now'>;

/** What facts would change. */
export interface Preview {
  decisions: readonly Decision[];
  /** `before` undefined: it would be made. */
  payments: readonly { before: PaymentRow | undefined; after: PaymentRow }[];
}

/** Loads what facts touch, decides them in their order, and saves what they change: all of it at once. */
@Injectable()
export class PaymentFacts {
  /** Never changes once it is known. */
  private adoptSince: Date | undefined;
  private readonly ours = new Set<string>();

  constructor(
    private readonly store: PaymentFactsStore,
    private readonly payments: PaymentStore,
    private readonly outbox: OutboxStore,
    private readonly installation: Installation,
    private readonly facts: ServiceFacts,
    private readonly orders: OrdersSettings,
    private readonly service: ServiceSettings,
  ) {}

  /** @returns what came of each, in their order. @throws MovedMeanwhile, after which the transaction is tried again. */
  async applyAll(tx: Tx, told: readonly Told[]): Promise<Decision[]> {
    const rules = await this.rulesFor(tx, told);
    const loaded = await this.load(tx, told, rules);
    const decisions = loaded.decideAll(told, rules);
    await this.save(tx, loaded, decisions);
    return decisions;
  }

  /** What the facts would change, of the payments as they are now. Locks and saves nothing. */
  async preview(db: Queryable, told: readonly Told[]): Promise<Preview> {
    const rules = await this.rulesFor(db, told);
    const loaded = await this.look(db, told, rules);
    const decisions = loaded.decideAll(told, rules);
    return { decisions, payments: loaded.changes() };
  }

  async apply(tx: Tx, fact: Fact | OwnFact, cause: Cause): Promise<Applied> {
    const [decision] = await this.applyAll(tx, [{ fact, cause }]);
    if (decision === undefined) throw new Error('a fact was not decided');
    return decision.applied;
  }

  /** What a provider need not read again, because we know it. @returns in the order of the refs. */
  async known(db: Queryable, refs: readonly PaymentRef[]): Promise<(KnownPayment | undefined)[]> {
    if (refs.length === 0) return [];
    const found = new LoadedPayments(new Date(0), [], await this.store.find(db, refs));
    return refs.map((ref) => {
      const row = found.find(ref)?.row;
      return (
        row && {
          paid: isPaid(row.status),
          closed: isClosed(row.status),
          providerPaymentId: row.providerPaymentId ?? undefined,
          chargeId: row.chargeId ?? undefined,
        }
      );
    });
  }

  /** A payment that we begin: the live attempt of its order, if it is for one. @param slot locked. */
  async begin(
    tx: Tx,
    { payment, slot, ...told }: { payment: PaymentRow; slot: OrderSlot; cause: Cause; now: Date },
  ): Promise<void> {
    const draft = new PaymentDraft(stateOf(payment), slot, told, this.service, true);
    draft.step({ fact: 'created', event: 'payment.created', occurredAt: told.now });
    if (payment.orderId !== null) draft.setSlot({ openPaymentId: payment.id });
    const decision = draft.decision({ kind: 'applied', id: payment.id });
    const loaded = new LoadedPayments(told.now, [slot], []);
    loaded.take(decision);
    await this.save(tx, loaded, [decision]);
  }

  /** What the facts touch, unlocked. */
  async look(db: Queryable, told: readonly Told[], rules: DecisionRules): Promise<LoadedPayments> {
    const found = new LoadedPayments(await timeOf(db), [], await this.store.find(db, refsOf(told)));
    const keys = told.flatMap((one) => slotKeyOf(found, one, rules)?.key ?? []);
    const slots = await this.payments.slots(db, keys);
    const open = slots.flatMap(({ openPaymentId }) => openPaymentId ?? []);
    const rows = await this.store.find(db, refsOf(told), open);
    const loaded = new LoadedPayments(found.now, slots, rows);
    await this.loadMore(db, loaded, told);
    return loaded;
  }

  /** The same, locked. @throws MovedMeanwhile when a payment's order is another one than it was before its lock. */
  async load(tx: Tx, told: readonly Told[], rules: DecisionRules): Promise<LoadedPayments> {
    const refs = refsOf(told);
    const found = new LoadedPayments(new Date(0), [], await this.store.find(tx, refs));
    const keys = told.flatMap((one) => slotKeyOf(found, one, rules) ?? []);
    if (keys.length === 0) return found;
    const keysOf = (known: boolean) => keys.flatMap(({ key, isKnown }) => (isKnown === known ? [key] : []));
    const wanted = { known: keysOf(true), perhapsNew: keysOf(false) };
    const { slots, now } = await this.payments.lockSlots(tx, wanted);
    const open = slots.flatMap(({ openPaymentId }) => openPaymentId ?? []);
    const loaded = new LoadedPayments(now, slots, await this.store.lock(tx, refs, open));
    if (told.some((one) => !loaded.holdsSlot(slotKeyOf(loaded, one, rules)?.key)))
      throw new MovedMeanwhile('a payment was made by another transaction');
    await this.loadMore(tx, loaded, told);
    return loaded;
  }

  /** Only what these facts are decided by. */
  private async loadMore(db: Queryable, loaded: LoadedPayments, told: readonly Told[]): Promise<void> {
    const idsOf = (...kinds: string[]): string[] =>
      told.flatMap(({ fact }) => {
        const kind = fact.kind === 'payment' ? fact.name : fact.kind;
        return (kinds.includes(kind) ? paymentOf(loaded, fact.ref)?.row.id : undefined) ?? [];
      });
    const [backs, fights] = [idsOf('refund'), idsOf('dispute')];
    const once = idsOf('attempt_failed', 'refund');
    if (backs.length > 0) loaded.addRefunds(await this.store.refundsOf(db, backs));
    if (fights.length > 0) loaded.addDisputes(await this.store.disputesOf(db, fights));
    if (once.length > 0) loaded.addHappened(await this.store.happenedTo(db, once));
    const cycles = loaded.subscriptionIds(told);
    if (cycles.length > 0) loaded.addPaid(await this.store.paidOf(db, cycles));
  }

  async rulesFor(db: Queryable, told: readonly Told[]): Promise<DecisionRules> {
    this.ours.add(this.installation.id);
    const named = new Set(told.flatMap(({ fact }) => fact.ref.installationId ?? []));
    const unknown = [...named].filter((id) => !this.ours.has(id));
    // Another process of ours may have begun to use another id.
    if (unknown.length > 0) for (const id of await this.store.oursAmong(db, unknown)) this.ours.add(id);
    this.adoptSince ??= await this.readAdoptSince(db);
    const { ours, adoptSince } = this;
    return { publicUrl: this.service.publicUrl, adoptSince, isOurs: (id) => ours.has(id) };
  }

  /** At a whole second: providers tell times no finer, and a payment of the first second is not an old one. */
  private async readAdoptSince(db: Queryable): Promise<Date> {
    const since = this.orders.adoptSince ?? (await this.facts.dateOf(db, 'first_start'));
    return new Date(Math.floor(since.getTime() / 1000) * 1000);
  }

  async save(tx: Tx, loaded: LoadedPayments, decisions: readonly Decision[]): Promise<void> {
    const transitions = decisions.flatMap((decision) => decision.transitions);
    await this.store.save(tx, { ...loaded.changedRows(), transitions });
    await this.outbox.append(
      tx,
      decisions.flatMap(({ messages }) => messages),
    );
  }
}

function refsOf(told: readonly Told[]): PaymentRef[] {
  return told.map(({ fact }) => fact.ref);
}
