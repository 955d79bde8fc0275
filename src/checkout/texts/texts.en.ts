import type { FormProblem } from '../../providers/payment.ports.js';

/** Payment method types; others are shown as the provider calls them. */
const METHODS: Readonly<Record<string, string>> = {
  card: 'Card',
  cash: 'Cash voucher',
  bank_transfer: 'Bank transfer',
  bnpl: 'Buy now, pay later',
  pay_by_bank: 'Pay by bank',
  apple: 'Apple Pay',
  google: 'Google Pay',
};

/** Every word of the customer's pages. Other languages have the same. */
export const TEXTS_EN = {
  outcomes: {
    paid: { title: 'Payment received', text: 'Thank you. Your payment is complete.' },
    partly_refunded: {
      title: 'Payment partly refunded',
      text: 'Your payment is complete, and a part of it has been returned to you.',
    },
    refunded: { title: 'Payment refunded', text: 'Your payment has been returned to you in full.' },
    waiting: {
      title: 'Waiting for the confirmation',
      text: 'We are waiting for the confirmation of your payment. This usually takes a few seconds. Please do not pay again.',
    },
    confirming: {
      title: 'Waiting for the confirmation',
      text: 'We are waiting for the confirmation of your payment. This usually takes a few seconds.',
    },
    declined: {
      title: 'Payment declined',
      text: 'Your last attempt to pay was declined, and nothing was charged for it. If you have paid in another way since, this page will say so; otherwise you can try again.',
    },
    retried: {
      title: 'Not confirmed yet',
      text: 'If you have just paid, the confirmation arrives in a few seconds, and this page will say so. The last attempt that we know of was declined, and nothing was charged for it.',
    },
    pending: {
      title: 'Waiting for your payment',
      text: 'Pay with the voucher or the transfer details you were given. We will know as soon as the money arrives.',
    },
    authorized: {
      title: 'Payment approved',
      text: 'Your payment has been approved, and will be charged when your order is confirmed. Nothing has been charged yet.',
    },
    refused: {
      title: 'Payment declined',
      text: 'The payment was declined, and nothing was charged. You can go back to the shop and pay in another way.',
    },
    failed: {
      title: 'Payment failed',
      text: 'The payment did not go through. You can go back to the shop and try again.',
    },
    expired: {
      title: 'Payment expired',
      text: 'The time to pay is over, and we have received no payment. You can go back to the shop and start again.',
    },
    canceled: {
      title: 'Payment canceled',
      text: 'This payment was canceled. You can go back to the shop and start again.',
    },
    review: {
      title: 'We are checking your payment',
      text: 'Your payment needs a look from a person. Please do not pay again: the shop will contact you.',
    },
    open: { title: 'Not paid yet', text: 'We have not received this payment so far.' },
    not_completed: {
      title: 'Payment not completed',
      text: 'You left the payment page. We have not received a payment so far.',
    },
    returned: {
      title: 'Thank you',
      text: 'If you have completed your payment, the shop will confirm your order in a moment.',
    },
    left: {
      title: 'Payment not completed',
      text: 'You left the payment page. You can go back to the shop and try again.',
    },
  },
  // Of a payment's page; `nowhere`: there is no such page at all.
  notFound: {
    title: 'Page not found',
    text: 'There is no such payment. Please check the link you were given.',
  },
  nowhere: {
    title: 'Page not found',
    text: 'There is nothing at this address. Please check the link you were given.',
  },
  unavailable: {
    title: 'Please try again in a moment',
    text: 'We cannot show your payment right now. This says nothing about the payment itself: please do not pay again.',
  },
  notOffered: {
    title: 'This payment cannot be made here',
    text: 'The payment form is not available at the moment. Please go back to the shop and choose another way to pay.',
  },
  links: {
    viewReceipt: 'View receipt',
    continuePaying: 'Continue to payment',
    checkAgain: 'Check again',
    seeVoucher: 'See how to pay',
    continueToShop: 'Continue to the shop',
    backToShop: 'Back to the shop',
    tryAgain: 'Try again',
  },
  close: 'You can close this page and go back to the shop.',
  disputed: 'Your bank has an open dispute about this payment. What the bank decides counts.',
  // On a page that waits, for somebody who has not paid after all.
  notPaidAfterAll:
    'Was your payment declined, or did you not finish it? Then you can still continue: it cannot be paid twice.',
  pay: {
    title: 'Complete your payment',
    details: 'Payment details',
    loading: 'Loading the payment form…',
    notLoaded:
      'The payment form could not be loaded, and nothing was charged. Please check your connection and try again, or go back to the shop for another way to pay. Software that blocks ads may block the form too.',
    // The provider's frame came, and nobody knows whether something can be seen in it.
    notSeen:
      'Do you see no form here? Then the payment form could not be loaded, and nothing was charged. Please try again, or go back to the shop for another way to pay. Software that blocks ads may block the form too.',
    // Where the provider's form does not say more.
    failed: 'The payment did not go through. Please check your details and try again.',
    noScript:
      'The payment form needs JavaScript. Nothing was charged: please allow it in your browser and load this page again, or go back to the shop for another way to pay.',
  },
  // What the provider's form may say is wrong.
  problems: {
    card_declined: 'Your bank declined the card. Please try another one, or ask your bank.',
    insufficient_funds: 'The card does not have enough funds. Please try another one.',
    expired_card: 'The card has expired.',
    card_blocked: 'The card is blocked. Please try another one.',
    not_authenticated:
      'Your bank could not confirm that the card is yours. Please try again, or use another one.',
    no_installments: 'This card cannot pay in monthly installments.',
    invalid_card: 'The details of the card are not valid. Please check them.',
  } satisfies Record<FormProblem, string>,
  voucher: {
    cashTitle: 'Pay in cash',
    transferTitle: 'Pay by bank transfer',
    payBefore: 'Pay before',
    barcode: 'Barcode of the reference',
    steps: 'How to pay',
    cash: [
      'Go to a shop that takes these payments, and show the barcode or tell the reference at the till.',
      'Pay the exact amount in cash. The shop may charge a fee of its own.',
      'Keep the slip that you are given until your order is confirmed.',
    ],
    transfer: [
      'Start a transfer in the app or on the website of your bank, to the CLABE on this page.',
      'Transfer the exact amount.',
      'Keep the confirmation of your bank until your order is confirmed.',
    ],
    // A further step, where the transfer has a reference.
    transferReference: 'Write the reference on the transfer.',
    later: 'Your payment is confirmed when the money arrives. You need not wait: this page can be closed.',
    print: 'Print',
  },
  cards: {
    title: 'Save your card',
    lead: 'Your card is kept for your next payments. Nothing is charged now.',
    privacy:
      'The card number goes straight to the payment provider, encrypted. Neither this page nor the shop gets to see it.',
    loading: 'Loading the card form…',
    saving: 'Saving your card…',
    notLoaded:
      'The card form could not be loaded, and no card was saved. Please check your connection and try again. Software that blocks ads may block the form too.',
    notSeen:
      'Do you see no form here? Then the card form could not be loaded, and no card was saved. Please try again. Software that blocks ads may block the form too.',
    failed: 'The card was not saved. Please check its details and try again.',
    // The card may be saved all the same: the same can be tried again.
    notYet: 'The card could not be saved yet. Please try again in a moment.',
    declined:
      'The bank refused this card, and it was not saved. Please ask the shop for a new link to save another one.',
    unusable:
      'This form was used already, or its time is over, so the card was not saved. Please ask the shop for a new link.',
    closed: 'The card was not saved: this form is not open any more. Please load the page again.',
    noScript:
      'The card form needs JavaScript. No card was saved: please allow it in your browser and load this page again.',
    saved: { title: 'Card saved', text: 'Your card is kept for your next payments. Nothing was charged.' },
    // In place of the text of `saved`, where the shop gets the card without a customer.
    handedOn: 'The shop can use your card now. Nothing was charged here.',
    close: 'You can close this page.',
    over: {
      title: 'This link has expired',
      text: 'The time to save a card here is over, and none was saved. Please ask the shop for a new link.',
    },
    notOffered: {
      title: 'No card can be saved here',
      text: 'The card form is not available at the moment. Please go back to the shop and try again later.',
    },
    incomplete: {
      title: 'This link is incomplete',
      text: 'It does not say which card form to open: “setup” is missing in its address. Please check the link you were given.',
    },
    notFound: {
      title: 'Page not found',
      text: 'There is no such card form. Please check the link you were given.',
    },
    unavailable: {
      title: 'Please try again shortly',
      text: 'We cannot show the card form right now. This says nothing about cards that you saved before.',
    },
    testMode: 'Test: no real card is saved.',
  },
  receipt: {
    title: 'Receipt',
    order: 'Order',
    payment: 'Payment',
    paidOn: 'Paid on',
    startedOn: 'Started on',
    receivedOn: 'Received on',
    method: 'Payment method',
    status: 'Status',
    refunded: 'Refunded',
    items: 'Items',
    item: 'Item',
    quantity: 'Qty',
    unitPrice: 'Price',
    lineTotal: 'Amount',
    subtotal: 'Subtotal',
    total: 'Total',
    paid: 'Paid',
    // What came in, of money that a person looks at.
    received: 'Received',
    notPaid: 'This is not a receipt: the payment is not confirmed.',
    keepId: 'Please give the payment number if you contact the shop.',
  },
  methods: METHODS,
  clabe: 'CLABE',
  reference: 'Reference',
  bank: 'Bank',
  // Before a card's last four digits, and after them in how many monthly payments.
  cardEnding: 'ending in',
  installments: (count: number) => `in ${count} monthly payments`,
  testMode: 'Test payment: no real money moves.',
  refreshes: 'This page updates by itself.',
};

export type Texts = typeof TEXTS_EN;
export type CardTexts = Texts['cards'];
export type Message = Texts['notFound'];

/**
 * What a page tells about a payment. `open`, `not_completed`: it can still be paid, says the receipt, the cancel page.
 * `confirming`: the reader comes from our form and may have paid. `declined`: the last attempt was, another is possible;
 * `retried`: the same, and the next attempt may not have been heard of; `refused`: there is no other. `returned`, `left`:
 * no payment was named.
 */
export type Outcome = keyof Texts['outcomes'];
