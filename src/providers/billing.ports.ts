import type { CardFormSettings } from '../config/settings.js';
import type {
  BillingFact,
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
 * The optional half of the provider port. Each noun has the same three verbs: `request` is pure and gives the exact
 * request that is recorded, `run` makes the recorded call, `retrieve` reads. A call that was sent before
 * (`call.sentBefore`) is looked for at the provider first; what moves money is then only looked for, never sent
 * again.
 */
export interface Commands<C extends { kind: string }> {
  /**
   * The exact request. Pure.
   * @throws ServiceError naming the field for what this provider cannot do or lacks: capability_not_supported,
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
  | {
      kind: 'create_customer';
      /** Ours; the provider keeps it in metadata. */
      customerId: string;
      name?: string | undefined;
      email?: string | undefined;
      phone?: string | undefined;
      metadata: Readonly<Record<string, string>>;
      /** A single-use token of a card; it becomes the default card. */
      token?: string | undefined;
    }
  | {
      kind: 'update_customer';
      providerCustomerId: string;
      name?: string | undefined;
      email?: string | undefined;
      phone?: string | undefined;
      metadata?: Readonly<Record<string, string>> | undefined;
    }
  | { kind: 'delete_customer'; providerCustomerId: string }
  | { kind: 'add_card'; providerCustomerId: string; token: string; makeDefault: boolean }
  | { kind: 'remove_card'; providerCustomerId: string; providerSourceId: string }
  | { kind: 'set_default_card'; providerCustomerId: string; providerSourceId: string };

/** Customers and their cards. */
export interface CustomersPort extends Commands<CustomerCommand> {
  /** One that is gone is told as `deleted`. @throws ProviderError */
  retrieve(providerCustomerId: string): Promise<CustomerFact>;
}

/** A page on which a customer saves a card, as it is asked of the provider. */
export interface CardSetupInput {
  /** Ours. */
  setupId: string;
  /** Whom the card will belong to; undefined: the token is handed on. */
  providerCustomerId?: string | undefined;
  /** Our own page, where the provider's form sends the browser when it has to leave it. */
  returnUrl: string;
  locale?: string | undefined;
}

export interface CardSetup {
  /** The provider's id of the form. */
  providerSetupId: string;
  /** What the browser needs to show the form. */
  embed: SessionEmbed;
  /** Where the provider makes it before the form is filled in. */
  token?: string | undefined;
  expiresAt: Date;
  livemode: boolean;
}

export type CardFormStyle = Readonly<CardFormSettings>;

export interface CardSetupsPort {
  /** The exact request. Pure. @throws ServiceError naming the field for what this provider cannot do. */
  request(input: CardSetupInput): ProviderCall['request'];
  /** @throws ProviderError for a definite refusal. */
  create(call: ProviderCall): Promise<Outcome<CardSetup>>;
  /**
   * How our page shows the form. The driver calls `finished(token?)` of `window.checkoutPage` when the customer has
   * saved a card: with the token where the browser gets it, without where the provider is asked (`tokenOf`).
   */
  form(embed: SessionEmbed, language: 'es' | 'en', style: CardFormStyle): EmbeddedCheckout;
  /**
   * The token that came of a form, as the provider says; undefined: of this provider the browser gets it, or the
   * customer has not finished. @throws ProviderError
   */
  tokenOf(providerSetupId: string): Promise<string | undefined>;
  /** True: the provider has given the card to the customer already, when the form is finished. */
  readonly attachesCards: boolean;
}

export interface PlanTarget {
  providerPlanId: string;
  providerProductId?: string | undefined;
}

export type PlanCommand =
  /** `planId` is ours, the caller's own. */
  | { kind: 'create_plan'; planId: string; terms: PlanTerms }
  /** `terms` with the changes made; `changed` names them. Present subscribers keep what they have where the provider can. */
  | {
      kind: 'update_plan';
      planId: string;
      target: PlanTarget;
      terms: PlanTerms;
      changed: readonly (keyof PlanTerms)[];
    }
  | { kind: 'delete_plan'; target: PlanTarget };

export interface PlansPort extends Commands<PlanCommand> {
  /** Undefined: there is no such plan, or it is none (a price that is paid once). @throws ProviderError */
  retrieve(providerPlanId: string): Promise<PlanFact | undefined>;
}

export interface SubscriptionTarget {
  providerSubscriptionId: string;
  providerCustomerId: string;
}

/** What becomes of what a subscription still owes: `void` closes its open and its draft invoices. */
export const OPEN_INVOICES = ['keep', 'void'] as const;
export type OpenInvoices = (typeof OPEN_INVOICES)[number];

/** `immediately`: from now on, and what is left of the present cycle is settled on the next bill. */
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
      /** Every id that the present plan, and the next one, ever had there: by them it is told from add-ons. */
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
  /** It goes on past the present cycle after all. `present` are the terms that the provider has for it. */
  | { kind: 'undo_cancel_subscription'; target: SubscriptionTarget; present: PlanTerms }
  /** Charges the cycle that failed, now. Never sent twice. */
  | { kind: 'retry_subscription'; target: SubscriptionTarget };

/** A subscription that is to be read. */
export type CompleteSubject = SubscriptionSubject & {
  providerCustomerId: string;
  /** Cycles that money was asked for since then are told as well, whoever knows of them. */
  since?: Date | undefined;
};

export interface SubscriptionsPort extends Commands<SubscriptionCommand> {
  /** @throws ProviderError also when it is not known there. */
  retrieve(subject: CompleteSubject): Promise<SubscriptionFact>;
}

export type BillingCommand = CustomerCommand | PlanCommand | SubscriptionCommand;
export type BillingCommandKind = BillingCommand['kind'];
