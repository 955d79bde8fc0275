import type { CardFormSettings } from '../config/settings.js';
import type {
  BillingFact,
  Contact,
  CustomerFact,
  PlanFact,
  PlanTerms,
  SubscriptionFact,
  SubscriptionSubject,
} from './billing.facts.js';
import type { SessionEmbed } from './facts.js';
import type { EmbeddedCheckout } from './payment.ports.js';
import type { Outcome, ProviderCall } from './provider.calls.js';

/**
 * Each noun has three verbs: `request` is pure and gives the exact request, which is recorded; `run` makes the
 * recorded call; `retrieve` reads. A call that was sent before (`call.sentBefore`) is looked for first; what moves
 * money is then never sent again.
 */
export interface Commands<C extends { kind: string }> {
  /**
   * @throws ServiceError naming the field that this provider cannot do or lacks: capability_not_supported,
   * currency_not_supported, amount_out_of_bounds, invalid_request.
   */
  request(command: C): ProviderCall['request'];
  /** @throws ProviderError for a definite refusal. */
  run(kind: C['kind'], call: ProviderCall): Promise<Outcome<CommandResult>>;
}

export interface CommandResult {
  facts: readonly BillingFact[];
  /** The provider's id of what the call made, such as the new card's. */
  madeId?: string | undefined;
}

export type CustomerCommand =
  | (Contact & {
      kind: 'create_customer';
      /** Ours; the provider keeps it in metadata. */
      customerId: string;
      metadata: Readonly<Record<string, string>>;
      /** A single-use token of a card; it becomes the default card. */
      token?: string | undefined;
    })
  | (Contact & {
      kind: 'update_customer';
      providerCustomerId: string;
      metadata?: Readonly<Record<string, string>> | undefined;
    })
  | { kind: 'delete_customer'; providerCustomerId: string }
  | { kind: 'add_card'; providerCustomerId: string; token: string; makeDefault: boolean }
  | { kind: 'remove_card'; providerCustomerId: string; providerSourceId: string }
  | { kind: 'set_default_card'; providerCustomerId: string; providerSourceId: string };

export interface CustomersPort extends Commands<CustomerCommand> {
  /** A missing one is `deleted`. @throws ProviderError */
  retrieve(providerCustomerId: string): Promise<CustomerFact>;
}

/** What is asked of the provider for a page on which a customer saves a card. */
export interface CardSetupInput {
  /** Ours. */
  setupId: string;
  /** The card's owner; undefined: the token is handed on. */
  providerCustomerId?: string | undefined;
  /** Our own page, for when the provider's form has to leave it. */
  returnUrl: string;
  locale?: string | undefined;
}

export interface CardSetup {
  /** The provider's id of the form. */
  providerSetupId: string;
  embed: SessionEmbed;
  /** Where the provider makes it before the form is filled. */
  token?: string | undefined;
  expiresAt: Date;
  livemode: boolean;
}

export type CardFormStyle = Readonly<CardFormSettings>;

export interface CardSetupsPort {
  /** Pure. @throws ServiceError naming the field that this provider cannot do. */
  request(input: CardSetupInput): ProviderCall['request'];
  /** @throws ProviderError for a definite refusal. */
  create(call: ProviderCall): Promise<Outcome<CardSetup>>;
  /**
   * How our page shows the form. The driver calls `finished(token?)` of `window.checkoutPage` when a card was saved:
   * with the token where the browser gets it, without where the provider is asked (`tokenOf`).
   */
  form(embed: SessionEmbed, language: 'es' | 'en', style: CardFormStyle): EmbeddedCheckout;
  /** Undefined: the browser gets the token, or the customer has not finished. @throws ProviderError */
  tokenOf(providerSetupId: string): Promise<string | undefined>;
  /** The provider gives the card to the customer when the form is finished. */
  readonly attachesCards: boolean;
}

type PlanTarget = Pick<PlanFact, 'providerPlanId' | 'providerProductId'>;

export type PlanCommand =
  /** `planId` is ours, the caller's own. */
  | { kind: 'create_plan'; planId: string; terms: PlanTerms }
  /** `terms` after the changes, which `changed` names. Present subscribers keep theirs where the provider can. */
  | {
      kind: 'update_plan';
      planId: string;
      target: PlanTarget;
      terms: PlanTerms;
      changed: readonly (keyof PlanTerms)[];
    }
  | { kind: 'delete_plan'; target: PlanTarget };

export interface PlansPort extends Commands<PlanCommand> {
  /** Undefined: there is no such plan, or it is a price that is paid once. @throws ProviderError */
  retrieve(providerPlanId: string): Promise<PlanFact | undefined>;
}

export type SubscriptionTarget = Pick<SubscriptionFact, 'providerSubscriptionId' | 'providerCustomerId'>;

/** `void` closes a subscription's open and draft invoices. */
export const OPEN_INVOICES = ['keep', 'void'] as const;
export type OpenInvoices = (typeof OPEN_INVOICES)[number];

/** `immediately`: the rest of the present cycle is settled on the next bill. */
export type PlanChangeTiming = 'at_period_end' | 'immediately';

export type SubscriptionCommand =
  | {
      kind: 'create_subscription';
      /** Ours. */
      subscriptionId: string;
      providerCustomerId: string;
      providerPlanId: string;
      terms: PlanTerms;
      /** Undefined: the customer's default card. */
      providerSourceId?: string | undefined;
      /** In place of the plan's trial days. */
      trialEnd?: Date | undefined;
      metadata: Readonly<Record<string, string>>;
      /** The plan's cycles are counted from here. */
      now: Date;
    }
  | {
      kind: 'change_plan';
      target: SubscriptionTarget;
      present: PlanTerms;
      /** Every id that the present and the next plan ever had there: they tell it from add-ons. */
      presentPlanIds?: readonly string[] | undefined;
      providerPlanId: string;
      terms: PlanTerms;
      timing: PlanChangeTiming;
    }
  | { kind: 'change_card'; target: SubscriptionTarget; providerSourceId: string }
  | { kind: 'pause_subscription'; target: SubscriptionTarget }
  | { kind: 'resume_subscription'; target: SubscriptionTarget }
  | {
      kind: 'cancel_subscription';
      target: SubscriptionTarget;
      atPeriodEnd: boolean;
      /** Default `keep`. */
      openInvoices?: OpenInvoices | undefined;
      /** Why, in the caller's words, for providers that keep them. */
      comment?: string | undefined;
    }
  /** `present`: the terms that the provider has for it. */
  | { kind: 'undo_cancel_subscription'; target: SubscriptionTarget; present: PlanTerms }
  /** Charges the cycle that failed, now. Never sent twice. */
  | { kind: 'retry_subscription'; target: SubscriptionTarget };

export type CompleteSubject = SubscriptionSubject & {
  providerCustomerId: string;
  /** Cycles that money was asked for since then are told as well. */
  since?: Date | undefined;
};

export interface SubscriptionsPort extends Commands<SubscriptionCommand> {
  /** @throws ProviderError also when it is not known there. */
  retrieve(subject: CompleteSubject): Promise<SubscriptionFact>;
}

export type BillingCommandKind = (CustomerCommand | PlanCommand | SubscriptionCommand)['kind'];
