import { isPaid } from '../payments/payment/payment.js';
import { dateText } from './date.text.js';
import { TEXTS } from './language.js';
import { methodText } from './method.text.js';
import { amountText, amountWithCode } from './money.text.js';
import { OUTCOME_OF, type Outcome, TONE_OF } from './outcome.js';
import { checkoutLink } from './page.links.js';
import type { Page } from './page.renderer.js';
import type { PaymentPage } from './payment.page.js';
import type { Reader } from './reader.js';
import type { Texts } from './texts.js';

/** A paid payment's receipt; of any other payment, the same page says that it is not paid. */
export function receiptPage(payment: PaymentPage, reader: Reader): Page {
  const texts = TEXTS[reader.language];
  const outcome = outcomeOf(payment);
  const message = texts.outcomes[outcome];
  const paid = isPaid(payment.status);
  return {
    template: 'receipt',
    language: reader.language,
    title: paid ? texts.receipt.title : message.title,
    content: {
      tone: TONE_OF[outcome],
      headline: amountWithCode(
        moneyOf(payment, paid ? payment.amountCaptured : payment.amount),
        reader.locale,
      ),
      text: paid ? undefined : `${texts.receipt.notPaid} ${message.text}`,
      facts: factsOf(payment, reader, texts),
      labels: texts.receipt,
      items: itemsOf(payment, reader),
      sums: sumsOf(payment, reader, texts),
      links: outcome === 'open' ? checkoutLink(payment, texts.links.continuePaying) : [],
      note: texts.receipt.keepId,
      testMode: payment.livemode ? undefined : texts.testMode,
    },
  };
}

/** Nobody says here that money is on its way: who opens a receipt need not come from the provider's page. */
function outcomeOf(payment: PaymentPage): Outcome {
  return payment.status === 'created' ? 'open' : OUTCOME_OF[payment.status];
}

interface Fact {
  label: string;
  value: string;
  /** ISO 8601, for a value that is a date. */
  datetime?: string;
}

function factsOf(payment: PaymentPage, reader: Reader, { receipt, outcomes, ...texts }: Texts): Fact[] {
  const { method, paidAt } = payment;
  return [
    { label: receipt.order, value: payment.orderId },
    { label: receipt.status, value: outcomes[outcomeOf(payment)].title },
    dateFact(paidAt === undefined ? receipt.startedOn : receipt.paidOn, paidAt ?? payment.createdAt, reader),
    ...(method === undefined ? [] : [{ label: receipt.method, value: methodText(method, texts) }]),
    { label: receipt.payment, value: payment.paymentId },
  ];
}

function dateFact(label: string, date: Date, { locale }: Reader): Fact {
  return { label, value: dateText(date, locale), datetime: date.toISOString() };
}

function itemsOf(payment: PaymentPage, { locale }: Reader) {
  return payment.items.map(({ name, unitAmount, quantity }) => ({
    name,
    quantity: new Intl.NumberFormat(locale).format(quantity),
    unitPrice: amountText(moneyOf(payment, unitAmount), locale),
    total: amountText(moneyOf(payment, unitAmount * BigInt(quantity)), locale),
  }));
}

/** The total asked for; what was taken, where that is less; what was given back. */
function sumsOf(payment: PaymentPage, { locale }: Reader, { receipt }: Texts): Fact[] {
  const { amount, amountCaptured, amountRefunded } = payment;
  const line = (label: string, minor: bigint) => ({
    label,
    value: amountWithCode(moneyOf(payment, minor), locale),
  });
  const sums = [line(receipt.total, amount)];
  if (isPaid(payment.status) && amountCaptured !== amount) sums.push(line(receipt.paid, amountCaptured));
  if (amountRefunded > 0n) sums.push(line(receipt.refunded, amountRefunded));
  return sums;
}

function moneyOf({ currency }: PaymentPage, amount: bigint) {
  return { amount, currency };
}
