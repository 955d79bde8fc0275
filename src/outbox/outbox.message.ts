import type { OutboxChannel, OutboxState } from './outbox.tables.js';

/** A message that a transition promises: appended in the transition's own transaction. */
export interface OutboxMessage {
  /** A UUID; the message id of every attempt to publish it. */
  id: string;
  channel: OutboxChannel;
  /** Messages of one key leave in the order in which they were appended. */
  key: string;
  orderId: string | null;
  subject: string;
  /** The wire body, byte for byte. */
  body: string;
  headers: Record<string, string>;
}

/** Which claim a mark belongs to. A row that somebody else has claimed since is not theirs to mark. */
export interface Claim {
  id: string;
  attempts: number;
}

export interface ClaimedMessage extends OutboxMessage, Claim {
  state: OutboxState;
  /** See outbox.tables: on claiming, true means that nobody knows whether it went out. */
  inFlight: boolean;
  sends: number;
  checks: number;
  /** Milliseconds by the database's clock since it went out first and last, and since its order is missing. */
  firstSentAgoMs: number | null;
  lastSentAgoMs: number | null;
  missingForMs: number | null;
  /** Its receipt needs no look, see `withSoundReceipt`. */
  receiptChecked: boolean;
}

/** The stream has it. */
export interface Acknowledgement extends Claim {
  /** The stream's sequence number of the message. */
  streamSeq: number;
}

/** A mark that says why. */
export interface Remark extends Claim {
  reason: string;
}

/** Tried and not done: due again after the delay. */
export interface Release extends Remark {
  delayMs: number;
}

/** Messages that are not tried again by themselves. */
export const GIVEN_UP = ['dead', 'unconfirmed'] as const satisfies readonly OutboxState[];

/**
 * What to publish again: some messages, everything on the stream's channel that was appended in a span, or all
 * that were given up.
 */
export type RepublishSelection =
  { ids: readonly string[] } | { from: Date; to: Date } | { state: (typeof GIVEN_UP)[number] };

export interface OutboxBacklog {
  channel: OutboxChannel;
  state: OutboxState;
  count: number;
  /** Age of the oldest one in milliseconds, by the database's clock. */
  oldestAgeMs: number;
}
