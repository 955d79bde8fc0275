import { Injectable } from '@nestjs/common';
import { and, eq, inArray } from 'drizzle-orm';
import type { Tx } from '../../database/database.js';
import type { SubscriptionEvent } from './subscription.js';
import { subscriptionTransitions } from './subscription.tables.js';

export type NewSubscriptionTransition = typeof subscriptionTransitions.$inferInsert;

/** The audit log of subscriptions. */
@Injectable()
export class SubscriptionLogStore {
  async record(tx: Tx, transitions: readonly NewSubscriptionTransition[]): Promise<void> {
    if (transitions.length > 0) await tx.insert(subscriptionTransitions).values([...transitions]);
  }

  /** Those of the keys under which something happened already. */
  async happened(tx: Tx, subscriptionId: string, onceKeys: readonly string[]): Promise<Set<string>> {
    if (onceKeys.length === 0) return new Set();
    const found = await tx
      .select({ onceKey: subscriptionTransitions.onceKey })
      .from(subscriptionTransitions)
      .where(
        and(
          eq(subscriptionTransitions.subscriptionId, subscriptionId),
          inArray(subscriptionTransitions.onceKey, [...onceKeys]),
        ),
      );
    return new Set(found.flatMap(({ onceKey }) => (onceKey === null ? [] : [onceKey])));
  }

  async wasAnnounced(tx: Tx, subscriptionId: string, event: SubscriptionEvent): Promise<boolean> {
    const found = await tx
      .select({ id: subscriptionTransitions.id })
      .from(subscriptionTransitions)
      .where(
        and(
          eq(subscriptionTransitions.subscriptionId, subscriptionId),
          eq(subscriptionTransitions.event, event),
        ),
      )
      .limit(1);
    return found.length > 0;
  }
}
