import type { Texts } from './texts.js';

export const TEXTS_EN: Texts = {
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
    pending: {
      title: 'Waiting for your payment',
      text: 'Pay with the voucher or the transfer details you were given. We will know as soon as the money arrives.',
    },
    authorized: {
      title: 'Payment approved',
      text: 'Your payment has been approved, and will be charged when your order is confirmed. Nothing has been charged yet.',
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
  notFound: {
    title: 'Page not found',
    text: 'There is no such payment. Please check the link you were given.',
  },
  unavailable: {
    title: 'Please try again in a moment',
    text: 'We cannot show your payment right now. This says nothing about the payment itself: please do not pay again.',
  },
  links: {
    viewReceipt: 'View receipt',
    continuePaying: 'Continue to payment',
    checkAgain: 'Check again',
  },
  receipt: {
    title: 'Receipt',
    order: 'Order',
    payment: 'Payment',
    paidOn: 'Paid on',
    startedOn: 'Started on',
    method: 'Payment method',
    status: 'Status',
    refunded: 'Refunded',
    items: 'Items',
    item: 'Item',
    quantity: 'Qty',
    unitPrice: 'Price',
    lineTotal: 'Amount',
    total: 'Total',
    paid: 'Paid',
    notPaid: 'This is not a receipt: the payment is not confirmed.',
    keepId: 'Please give the payment number if you contact the shop.',
  },
  methods: {
    card: 'Card',
    cash: 'Cash voucher',
    bank_transfer: 'Bank transfer',
    bnpl: 'Buy now, pay later',
    pay_by_bank: 'Pay by bank',
    apple: 'Apple Pay',
    google: 'Google Pay',
  },
  clabe: 'CLABE',
  reference: 'Reference',
  cardEnding: 'ending in',
  testMode: 'Test payment: no real money moves.',
  refreshes: 'This page updates by itself.',
};
