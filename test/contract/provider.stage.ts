import type { PaymentProvider } from '../../src/providers/provider.port.js';
import type { Faults } from '../../sandbox/faults.js';
import type { Receiver } from '../support/stripe/adapter.bed.js';
import { openConekta } from './conekta.provider.stage.js';
import type { StageClock } from './stage.clock.js';
import { openStripe } from './stripe.provider.stage.js';

/** An adapter in front of its stand-in, with what a customer, the bank and the provider do there. */
export interface ProviderStage {
  readonly provider: PaymentProvider;
  readonly receiver: Receiver;
  readonly faults: Faults;
  readonly paths: StagePaths;
  /** What the stand-in gives each delivery: `settled` when all have arrived. */
  readonly delivery: { settled(): Promise<void>; resend(eventId: string): void };
  /** Of everything that was ever made there, whatever became of it. */
  readonly made: () => Made;
  readonly pay: (sessionId: string) => Promise<void>;
  /** @param amount the provider's smallest unit @throws when it is more than is left */
  readonly refund: (sessionId: string, amount: number) => Promise<void>;
  /** @param amount what of the hold is taken, in the provider's smallest unit */
  readonly capture: (sessionId: string, amount: number) => Promise<void>;
  /** In the provider's panel, in the way that is told as a refund, though nothing was taken. */
  readonly releaseHold: (sessionId: string) => Promise<void>;
  /** What the buyer's bank does; a lost dispute may be won later. */
  readonly dispute: (sessionId: string, act: 'open' | 'won' | 'lost') => Promise<void>;
  readonly events: () => readonly { readonly id: string; readonly type: string }[];
  /** Headers that sign these bytes as the provider, or as somebody else. */
  readonly sign: (body: string, who: 'provider' | 'stranger') => string[];
  readonly clock: StageClock;
  /** Moves the clock of both; what becomes due at the provider happens. */
  readonly advance: (seconds: number) => Promise<void>;
  /** A token for one use, as the provider's own form makes it. */
  readonly token: (card: StageCard) => Promise<string>;
  /** Fills the form of a card setup in; resolves to the token where the browser gets it. */
  readonly fillForm: (providerSetupId: string) => Promise<string | undefined>;
  /** What the bank says to a saved card from now on, as `insufficient_funds`; null: it pays again. */
  readonly setCardOutcome: (providerSourceId: string, code: string | null) => Promise<void>;
  /** The buyer's answer to the bank's question about a charge. */
  readonly answerBank: (providerPaymentId: string, approves: boolean) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** How a card takes a charge; all but `pays` and `asks` can be kept, and are then declined. */
export type StageCard = 'pays' | 'declines' | 'asks';

/** The paths by which something is made, for faults. */
export interface StagePaths {
  readonly session: string;
  readonly customer: string;
  readonly plan: string;
  readonly subscription: (providerCustomerId: string) => string;
  readonly card: (providerCustomerId: string, token: string) => string;
  readonly charge: string;
}

export interface Made {
  /** Sessions or orders. */
  sessions: number;
  customers: number;
  plans: number;
  subscriptions: number;
  /** Cards that customers have. */
  cards: number;
  /** Charges that brought money. */
  paidCharges: number;
}

export const STAGES = ['stripe', 'conekta'] as const;
export type StageName = (typeof STAGES)[number];

export interface StageOptions {
  timeoutMs?: number;
  /** Where the clock stands; absent: it runs as the world's does. */
  at?: Date;
}

export function openStage(name: StageName, options: StageOptions = {}): Promise<ProviderStage> {
  return name === 'stripe' ? openStripe(options) : openConekta(options);
}
