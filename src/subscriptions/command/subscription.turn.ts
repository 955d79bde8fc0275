import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { assertDone, type Settlement } from '../../operations/operation.executor.js';
import { type Operation, OperationStore } from '../../operations/operation.store.js';
import { type Next, OperationTurn } from '../../operations/operation.turn.js';
import type { SubscriptionStatus } from '../../providers/billing.facts.js';
import type { ProviderError } from '../../providers/provider.errors.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { SubscriptionTruth } from '../facts/subscription.truth.js';
import { SubscriptionStore } from '../subscription/subscription.store.js';
import type { SubscriptionRow } from '../subscription/subscription.tables.js';
import type { PlannedSubscription } from './new.subscriptions.js';
import {
  assertAllowed,
  assertPossible,
  type AtProvider,
  type CallerCommand,
  COMMAND_AIMS,
  isFulfilled,
  providerCommand,
} from './subscription.commands.js';
import { SubscriptionDirectory } from './subscription.directory.js';

const SETTLED: Next<true> = { kind: 'settled', value: true };

/**
 * One caller's hold on a subscription: whoever finds it busy is refused at once.
 * Throws ServiceError transition_refused, operation_in_doubt, unknown_outcome (with `details.subscriptionId`),
 * card_declined, card_unusable, provider_rejected, provider_unavailable, and what the provider cannot do by name.
 */
@Injectable()
export class SubscriptionTurn {
  constructor(
    private readonly subscriptions: SubscriptionStore,
    private readonly directory: SubscriptionDirectory,
    private readonly operations: OperationStore,
    private readonly providers: ProviderRegistry,
    private readonly turn: OperationTurn,
    private readonly truth: SubscriptionTruth,
    private readonly ids: Ids,
  ) {}

  /** @throws ServiceError also customer_subscribed with `details.subscriptionId`. */
  create({ row, request }: PlannedSubscription, cause: Cause): Promise<true> {
    const { id: subjectId, provider, customerId, exclusive } = row;
    return this.take(subjectId, cause, async (tx) => {
      if ((await this.subscriptions.insert(tx, row)) === undefined) {
        if (exclusive) await this.directory.assertFree(customerId, tx);
        throw new ServiceError('operation_in_doubt', 'another subscription of this customer has just ended');
      }
      const kind = 'create_subscription';
      const id = this.ids.next();
      return ours(await this.operations.prepare(tx, { id, subjectId, provider, kind, request }));
    });
  }

  /** Ends what an earlier request left behind; its refusal is the answer to this one. */
  finish(id: string, cause: Cause): Promise<true> {
    return this.take(id, cause, async (tx) => {
      await this.locked(tx, id);
      const earlier = await this.turn.leftBehind(tx, id);
      return earlier?.kind === 'earlier' ? ours(earlier.operation) : (earlier ?? SETTLED);
    });
  }

  /** One command after the other; none of them where another one cannot be carried out. */
  async carryOut(id: string, commands: readonly CallerCommand[], cause: Cause): Promise<void> {
    for (const [index, command] of commands.entries()) {
      let from: SubscriptionStatus = 'incomplete';
      const decide = async (tx: Tx): Promise<Next<true>> => {
        const row = await this.locked(tx, id);
        from = row.status;
        const earlier = await this.turn.leftBehind(tx, id);
        if (earlier !== undefined) return earlier;
        for (const one of commands.slice(index)) await this.assertAcceptable(tx, row, one);
        if (isFulfilled(command, row)) return SETTLED;
        const present = await this.directory.atProvider(tx, row);
        return present ? ours(await this.record(tx, row, command, present)) : { kind: 'busy' };
      };
      await this.take(id, cause, decide, (settlement) => {
        if (settlement.kind === 'refused') {
          // A decline is a result, also where the provider refuses with it: the subscription says how it stands.
          if (command.name === 'retry' && settlement.error.kind === 'declined') return;
          if (settlement.error.kind === 'nothing_due') throw nothingDue(id, from, settlement.error);
        }
        assertDone(settlement, { subscriptionId: id });
      });
    }
  }

  private take(
    subscriptionId: string,
    cause: Cause,
    decide: (tx: Tx) => Promise<Next<true>>,
    assertOurs = (settlement: Settlement): void => assertDone(settlement, { subscriptionId }),
  ): Promise<true> {
    const details = { subscriptionId };
    return this.turn.take(
      {
        subject: `subscription:${subscriptionId}`,
        noun: 'subscription',
        details,
        decide,
        settled: async (_operation, settlement, isEarlier) => {
          if (settlement.kind !== 'unknown') await this.truth.catchUp(subscriptionId, cause);
          if (!isEarlier) assertOurs(settlement);
          // The refusal of an earlier command is no answer to this caller.
          else if (settlement.kind === 'unknown') assertDone(settlement, details);
        },
        result: async () => true as const,
      },
      cause,
    );
  }

  private async locked(tx: Tx, id: string): Promise<SubscriptionRow> {
    const row = await this.subscriptions.lock(tx, id);
    if (row === undefined) throw new Error(`subscription ${id} is gone`);
    return row;
  }

  private async assertAcceptable(tx: Tx, row: SubscriptionRow, command: CallerCommand): Promise<void> {
    const isOwed = command.name === 'retry' && (await this.directory.owesOlderCycle(tx, row));
    if (!isOwed) assertAllowed(command.name, row.status);
    assertPossible(command, this.providers.get(row.provider));
  }

  private async record(
    tx: Tx,
    { id: subjectId, provider }: SubscriptionRow,
    command: CallerCommand,
    present: AtProvider,
  ): Promise<Operation> {
    const { subscriptions } = this.providers.with(provider, 'subscriptions');
    // The event of the end may come before the answer, and tells why.
    if (command.name === 'cancel' && command.comment !== undefined)
      await this.subscriptions.noteComment(tx, subjectId, command.comment);
    const asked = providerCommand(command, present);
    return this.operations.prepare(tx, {
      id: this.ids.next(),
      subjectId,
      provider,
      kind: asked.kind,
      ...targetOf(command, present),
      request: { ...subscriptions.request(asked) },
    });
  }
}

/** Only the answer tells a change of plan that takes effect at once: see SubscriptionOperations. */
function targetOf(command: CallerCommand, { target }: AtProvider): { target?: string } {
  if (command.name !== 'change_plan') return { target: target.providerSubscriptionId };
  return command.timing === 'immediately' ? { target: command.plan.uid } : {};
}

function ours(operation: Operation): Next<true> {
  return { kind: 'call', operations: [operation] };
}

/** The provider has nothing to charge: what was kept here was behind, and has been read anew by now. */
function nothingDue(subscriptionId: string, from: SubscriptionStatus, cause: ProviderError): ServiceError {
  const reason =
    'the provider has no unpaid bill of it to charge: each is paid, voided, written off, or about to be charged by itself; ' +
    'read the subscription again';
  const details = { subscriptionId, from, to: COMMAND_AIMS.retry, reason };
  return new ServiceError('transition_refused', `nothing can be charged: ${reason}`, details, { cause });
}
