import { Injectable } from '@nestjs/common';
import { assertDone, type Settlement } from '../../operations/operation.executor.js';
import type { Operation } from '../../operations/operation.store.js';
import type { Cause } from '../../kernel/applied.js';
import { ServiceError } from '../../kernel/errors.js';
import type { SubscriptionStatus } from '../../providers/billing.facts.js';
import type { ProviderError } from '../../providers/provider.errors.js';
import { SubscriptionCalls } from './subscription.calls.js';
import { COMMAND_AIMS } from './subscription.commands.js';
import { SubscriptionReservation } from './subscription.reservation.js';
import type { SubscriptionWish } from './subscription.wish.js';

/** Has wishes carried out at the provider, one after the other. */
@Injectable()
export class SubscriptionCommander {
  constructor(
    private readonly reservation: SubscriptionReservation,
    private readonly calls: SubscriptionCalls,
  ) {}

  /**
   * @throws ServiceError transition_refused, operation_in_doubt, unknown_outcome (with `details.subscriptionId`),
   * card_declined, card_unusable, provider_rejected, provider_unavailable, and what the provider cannot do by name.
   */
  async carryOut(id: string, wishes: readonly SubscriptionWish[], cause: Cause): Promise<void> {
    // A part of what is wanted is not carried out where another part of it cannot be.
    if (wishes.length > 1) await this.reservation.assertAllAcceptable(id, wishes);
    for (const wish of wishes) await this.carryOutOne(id, wish, cause);
  }

  private async carryOutOne(id: string, wish: SubscriptionWish, cause: Cause): Promise<void> {
    for (;;) {
      const next = await this.reservation.reserve(id, wish);
      if (next.kind === 'fulfilled') return;
      const settlement = await this.calls.make(next.operation, cause);
      if (next.kind !== 'ours') assertKnown(settlement, id);
      else if (isDeclinedRetry(wish, settlement)) return;
      else if (isNothingDue(settlement)) throw nothingDue(id, next.from, settlement.error);
      else return assertDone(settlement, { subscriptionId: id });
    }
  }

  /** @throws ServiceError as `carryOut` does. */
  async make(operation: Operation, cause: Cause): Promise<void> {
    assertDone(await this.calls.make(operation, cause), { subscriptionId: operation.subjectId });
  }

  /** Ends what an earlier request left behind. @throws ServiceError as `carryOut` does. */
  async finish(id: string, cause: Cause): Promise<void> {
    const operation = await this.reservation.leftBehind(id);
    if (operation !== undefined) await this.make(operation, cause);
  }
}

/** A decline is a result, also where the provider refuses with it: the subscription says how it stands. */
function isDeclinedRetry({ name }: SubscriptionWish, settlement: Settlement): boolean {
  return name === 'retry' && settlement.kind === 'refused' && settlement.error.kind === 'declined';
}

/** The provider has nothing that could be charged: what was kept here was behind, and has been read anew by now. */
function isNothingDue(settlement: Settlement): settlement is Extract<Settlement, { kind: 'refused' }> {
  return settlement.kind === 'refused' && settlement.error.kind === 'nothing_due';
}

function nothingDue(subscriptionId: string, from: SubscriptionStatus, cause: ProviderError): ServiceError {
  const reason =
    'the provider has no unpaid bill of it to charge: each is paid, voided, written off, or about to be charged by itself; ' +
    'read the subscription again';
  const details = { subscriptionId, from, to: COMMAND_AIMS.retry, reason };
  return new ServiceError('transition_refused', `nothing can be charged: ${reason}`, details, { cause });
}

/** That an earlier wish was refused is nothing to whoever comes after it. */
function assertKnown(settlement: Settlement, subscriptionId: string): void {
  if (settlement.kind === 'unknown') assertDone(settlement, { subscriptionId });
}
