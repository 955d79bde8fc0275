import type { ServiceSettings } from '../../config/settings.js';
import { type Applied, changedOnly, isNewer } from '../../kernel/applied.js';
import { derivedId } from '../../kernel/ids.js';
import type { SubscriptionFact, SubscriptionPeriod } from '../../providers/billing.facts.js';
import { cyclesOf, givenUp, paymentFactsOf, periodRowOf } from '../cycle/cycle.js';
import { isRejected, type SubscriptionReading, statusVerdict } from '../subscription/subscription.js';
import type { SubscriptionPeriodRow, SubscriptionRow } from '../subscription/subscription.tables.js';
import {
  agreedBy,
  collectionBy,
  datesBy,
  type FactReferences,
  isSameCycle,
  nextCheckOf,
} from './subscription.reading.js';
import {
  newSubscription,
  type SubscriptionDecision,
  SubscriptionDraft,
  type SubscriptionState,
  type SubscriptionsView,
  type ToldReading,
  unchanged,
} from './subscription.state.js';
import { type Standing, stepsOf } from './subscription.steps.js';

/**
 * The one way in which what a provider says moves a subscription: makes what is kept equal to it, and tells of it. What
 * the reading names has been read before. Pure: all that it depends on is in its arguments, and it changes none of them.
 * @param now by the database's clock.
 */
export function decide(
  view: SubscriptionsView,
  told: ToldReading,
  now: Date,
  rules: Pick<ServiceSettings, 'publicUrl'>,
): SubscriptionDecision {
  const { reading, cause } = told;
  const { fact, readFrom } = reading;
  const found = subscriptionOf(view, fact, now);
  if ('kind' in found) return unchanged(found);
  const draft = new SubscriptionDraft(found, told, view, rules);
  if (told.switchTo !== undefined) switchPlan(draft, told.switchTo, readFrom);
  const { row } = draft;
  const references = referencesOf(view, row, fact);
  if (references === undefined) return draft.decision({ kind: 'parked', reason: 'plan_unknown' });
  const cycles = cyclesOf(view, reading);
  const standing = { row, reading, references, cycles, happened: found.happened };
  if (!isNewer(readFrom, row.confirmedAt))
    return draft.decision(
      isKept(standing)
        ? { kind: 'stale', reason: 'overtaken, and says what is kept' }
        : { kind: 'parked', reason: 'read_overtaken' },
    );
  if (isRejected(row) && (fact.status === 'incomplete' || fact.status === 'canceled'))
    return draft.decision({ kind: 'ignored', reason: 'it never began' });
  if (statusVerdict(row.status, fact.status) === 'conflict')
    return draft.decision({ kind: 'conflict', reason: `${fact.status} after ${row.status}` });

  const collection = collectionBy(row, fact, references);
  draft.learn({ ...datesBy(row, fact, readFrom), hostedInvoiceUrl: collection.hostedInvoiceUrl });
  const steps = stepsOf(standing);
  for (const step of steps) draft.step(step);
  draft.learn({ ...agreedBy(fact, references), ...collection });
  const bills = cycles.map((cycle) => ({ cycle, after: periodRowOf(row, cycle, now) }));
  const periods = bills.flatMap(({ cycle: { before }, after }) => (after === before ? [] : [after]));
  const kept = [...new Map([...view.periodsOf(row.id), ...periods].map((one) => [one.id, one])).values()];
  draft.learn({ nextCheckAt: nextCheckOf(draft.row, readFrom, isBilled(fact, kept)) });
  const isChanged = Object.keys(changedOnly(found.row, draft.row)).length > 0;
  draft.learn({ confirmedAt: now, ...(isChanged && { updatedAt: now }) });
  const facts = [
    ...cycles.flatMap((cycle) => paymentFactsOf(row, cycle, references.runningPlan, readFrom)),
    ...(fact.status === 'canceled' ? givenUp(row, kept, reading) : []),
  ];
  return draft.decision(
    steps.length === 0 ? { kind: 'stale', reason: 'says what is kept' } : { kind: 'applied', id: row.id },
    { periods, facts: facts.map((one) => ({ fact: one, cause })) },
  );
}

/** The subscription that a fact is about; made anew where somebody else made it at the provider. */
function subscriptionOf(
  view: SubscriptionsView,
  fact: SubscriptionFact,
  now: Date,
): SubscriptionState | Applied {
  const { provider, providerSubscriptionId, subscriptionId } = fact;
  const known = view.atProvider(provider, providerSubscriptionId);
  const named = subscriptionId === undefined ? undefined : view.subscription(subscriptionId);
  // Our id may have been copied to another subscription of the provider.
  const theirs = named?.row.providerSubscriptionId ?? providerSubscriptionId;
  const own = named?.row.provider === provider && theirs === providerSubscriptionId ? named : undefined;
  if (own !== undefined && known !== undefined && own !== known)
    return { kind: 'conflict', reason: `${providerSubscriptionId} is subscription ${known.row.id}` };
  const found = known ?? own;
  if (found === undefined) return adopt(view, fact, now);
  return found.row.livemode === fact.livemode
    ? found
    : { kind: 'conflict', reason: 'another mode than the subscription' };
}

/** Made in the provider's own panel, for a customer of ours. */
function adopt(view: SubscriptionsView, fact: SubscriptionFact, now: Date): SubscriptionState | Applied {
  const { provider, providerCustomerId, providerSubscriptionId, providerPlanId, livemode } = fact;
  const customerId = view.customer(provider, providerCustomerId);
  if (customerId === undefined) return { kind: 'ignored', reason: 'customer_unknown' };
  // Nothing in it may say that it is the one that we are asking for.
  if (view.isBeingCreated(provider, customerId))
    return { kind: 'parked', reason: 'subscription_being_created' };
  if (providerPlanId === '') return { kind: 'parked', reason: 'plan_unclear' };
  const plan = view.planAt(provider, providerPlanId);
  if (plan === undefined) return { kind: 'parked', reason: 'plan_unknown' };
  const id = derivedId('subscription', provider, providerSubscriptionId);
  const names = { id, customerId, planUid: plan.uid, provider, livemode, providerSubscriptionId };
  return { row: newSubscription(now, names), happened: new Set() };
}

function switchPlan(draft: SubscriptionDraft, planUid: string, occurredAt: Date): void {
  if (draft.row.planUid === planUid || draft.row.status === 'canceled') return;
  draft.step({ event: 'subscription.updated', patch: { planUid, nextPlanUid: null }, occurredAt });
}

/** The rows that a fact's ids stand for. Undefined while the plan of a new one is not known. */
function referencesOf(
  view: SubscriptionsView,
  row: SubscriptionRow,
  fact: SubscriptionFact,
): FactReferences | undefined {
  const { provider, providerPlanId, providerSourceId } = fact;
  const plan =
    view.planAt(provider, providerPlanId) ??
    // That nobody can say what it is charged by now must not hide that it was charged, or has ended.
    (row.version > 0 ? view.plan(row.nextPlanUid ?? row.planUid) : undefined);
  if (plan === undefined) return undefined;
  const present = isSameCycle(row, fact) ? view.plan(row.planUid) : undefined;
  // A card that the customer has no more is not charged, whatever still names it.
  const card = providerSourceId === undefined ? undefined : view.card(provider, providerSourceId);
  return { plan, runningPlan: present ?? plan, sourceId: card ?? null };
}

/** What an overtaken reading says is kept already. */
function isKept(standing: Standing): boolean {
  const { row, reading, references, cycles } = standing;
  const { fact, readFrom } = reading;
  if (cycles.some(({ before }) => before === undefined)) return false;
  const told = { ...datesBy(row, fact, readFrom), ...agreedBy(fact, references), status: fact.status };
  return stepsOf(standing).length === 0 && Object.keys(changedOnly(row, told)).length === 0;
}

/** The cycle that runs was billed, by this reading or before. */
function isBilled(
  { periodStart, periods }: SubscriptionReading['fact'],
  kept: readonly SubscriptionPeriodRow[],
): boolean {
  if (periodStart === undefined) return true;
  const isIts = ({ start, offCycle }: Partial<SubscriptionPeriod> | SubscriptionPeriodRow): boolean =>
    offCycle !== true && start?.getTime() === periodStart.getTime();
  return periods.some(isIts) || kept.some(isIts);
}
