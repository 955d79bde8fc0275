import type { Outcome } from './outcome.js';

export interface Message {
  title: string;
  text: string;
}

/** Every word of the customer's pages in one language. */
export interface Texts {
  outcomes: Readonly<Record<Outcome, Message>>;
  notFound: Message;
  unavailable: Message;
  links: {
    viewReceipt: string;
    continuePaying: string;
    checkAgain: string;
  };
  receipt: {
    title: string;
    order: string;
    payment: string;
    paidOn: string;
    startedOn: string;
    method: string;
    status: string;
    refunded: string;
    items: string;
    item: string;
    quantity: string;
    unitPrice: string;
    lineTotal: string;
    total: string;
    paid: string;
    notPaid: string;
    keepId: string;
  };
  /** Payment method types; others are shown as the provider calls them. */
  methods: Readonly<Record<string, string>>;
  /** Where to transfer to. */
  clabe: string;
  /** Of a voucher or a transfer. */
  reference: string;
  /** Read before a card's last four digits by a screen reader. */
  cardEnding: string;
  testMode: string;
  refreshes: string;
}
