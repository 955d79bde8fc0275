import type { FormProblem } from '../../providers/embedded.port.js';
import type { Outcome } from '../result/outcome.js';

export interface Message {
  title: string;
  text: string;
}

export interface CardTexts {
  title: string;
  /** What comes of it, and that nothing is charged. */
  lead: string;
  /** Who gets the card's number. */
  privacy: string;
  loading: string;
  saving: string;
  notLoaded: string;
  /** As in `Texts.pay`. */
  notSeen: string;
  /** Where the provider's form does not say more. */
  failed: string;
  /** The card may be saved all the same: the same can be tried again. */
  notYet: string;
  declined: string;
  /** What the form made is used up, or too old. */
  unusable: string;
  /** The form itself has ended. */
  closed: string;
  noScript: string;
  saved: Message;
  /** In place of the text of `saved`, where the shop gets the card without a customer. */
  handedOn: string;
  /** For a saved one, where nothing leads on. */
  close: string;
  over: Message;
  notOffered: Message;
  /** The address does not name a setup. */
  incomplete: Message;
  notFound: Message;
  unavailable: Message;
  testMode: string;
}

/** Every word of the customer's pages in one language. */
export interface Texts {
  outcomes: Readonly<Record<Outcome, Message>>;
  notFound: Message;
  /** There is no such page at all. */
  nowhere: Message;
  unavailable: Message;
  /** The page that would take the payment cannot. */
  notOffered: Message;
  links: {
    viewReceipt: string;
    continuePaying: string;
    checkAgain: string;
    seeVoucher: string;
    continueToShop: string;
    backToShop: string;
    tryAgain: string;
  };
  /** Where nothing leads back to the shop. */
  close: string;
  /** A bank has an open dispute about a paid payment. */
  disputed: string;
  /** On a page that waits: for somebody who has not paid after all. */
  notPaidAfterAll: string;
  pay: {
    title: string;
    details: string;
    loading: string;
    notLoaded: string;
    /** The provider's frame came, and nobody knows whether something can be seen in it. */
    notSeen: string;
    /** Where the provider's form does not say more. */
    failed: string;
    noScript: string;
  };
  /** What the provider's form may say is wrong. */
  problems: Readonly<Record<FormProblem, string>>;
  voucher: {
    cashTitle: string;
    transferTitle: string;
    payBefore: string;
    /** What the picture shows, for those who do not see it. */
    barcode: string;
    steps: string;
    cash: readonly string[];
    transfer: readonly string[];
    /** A further step, where the transfer has a reference. */
    transferReference: string;
    later: string;
    print: string;
  };
  /** The page on which a card is saved, and what it says instead. */
  cards: CardTexts;
  receipt: {
    title: string;
    order: string;
    payment: string;
    paidOn: string;
    startedOn: string;
    receivedOn: string;
    method: string;
    status: string;
    refunded: string;
    items: string;
    item: string;
    quantity: string;
    unitPrice: string;
    lineTotal: string;
    /** Of the items alone. */
    subtotal: string;
    total: string;
    paid: string;
    /** What came in, of money that a person looks at. */
    received: string;
    notPaid: string;
    keepId: string;
  };
  /** Payment method types; others are shown as the provider calls them. */
  methods: Readonly<Record<string, string>>;
  /** Where to transfer to. */
  clabe: string;
  /** Of a voucher or a transfer. */
  reference: string;
  /** Where the account is. */
  bank: string;
  /** Read before a card's last four digits by a screen reader. */
  cardEnding: string;
  /** Read after the card: in how many monthly payments. */
  installments(count: number): string;
  testMode: string;
  refreshes: string;
}
