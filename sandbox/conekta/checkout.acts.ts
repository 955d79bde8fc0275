/** What the stand-in's payment pages show of a checkout, and what a customer can do there. */
export interface CheckoutView {
  /** The checkout's id: `checkoutRequestId` of the component. */
  id: string;
  orderId: string;
  type: 'Integration' | 'HostedPayment';
  /** `Issued` while it can be paid. */
  status: 'Issued' | 'Paid' | 'Cancelled' | 'Expired' | 'Failed';
  /** Centavos or cents. */
  amount: number;
  currency: string;
  /** As the API calls them: card, cash, bank_transfer, … */
  methods: readonly string[];
  /** Months on offer; empty: none. */
  installments: readonly number[];
  items: readonly { name: string; unitPrice: number; quantity: number }[];
  customerName: string;
  successUrl: string | null;
  failureUrl: string | null;
  /** What was issued, where the customer chose cash or a transfer. */
  voucher: VoucherView | null;
}

export type VoucherView =
  | { kind: 'cash'; reference: string; barcodeUrl: string; expiresAt: number }
  | { kind: 'bank_transfer'; clabe: string; bank: string; expiresAt: number };

export interface CardEntry {
  number: string;
  name: string;
  /** Two digits each, as the month and the year of the expiry; December 2034 when absent. */
  expMonth?: string | undefined;
  expYear?: string | undefined;
  installments?: number | undefined;
}

export type CardOutcome =
  | { kind: 'paid'; chargeId: string }
  /** `message` is for the buyer, in the checkout's language. */
  | { kind: 'declined'; code: string; message: string }
  /** The bank wants to see the customer; answered with `answerChallenge`. */
  | { kind: 'challenge' };

/** A customer's moves at the component or at the hosted page. Errors are thrown as ConektaError. */
export interface CheckoutActs {
  view(checkoutId: string): CheckoutView;
  payByCard(checkoutId: string, card: CardEntry, language: 'es' | 'en'): CardOutcome;
  answerChallenge(checkoutId: string, approve: boolean, language: 'es' | 'en'): CardOutcome;
  issueCash(checkoutId: string): VoucherView;
  issueTransfer(checkoutId: string): VoucherView;
  /** Throws for a token's checkout that is unknown, over, or has its card already. */
  requireOpenToken(tokenCheckoutId: string): void;
  /**
   * A single-use token for a card, as the card component makes it: a new one, or the one whose checkout
   * is named. Throws for a card that cannot be kept, and as `requireOpenToken` does.
   */
  createToken(card: CardEntry, tokenCheckoutId?: string): { id: string };
}
