import type { Money } from '../../kernel/money.js';
import { isPaid } from '../../payments/payment/payment.js';
import { type Page, TIMES } from '../page/page.renderer.js';
import { type Reader, TEXTS } from '../page/reader.js';
import type { Message, Outcome, Texts } from '../texts/texts.en.js';
import { amountWithCode, dateText, methodText } from '../texts/wording.js';
import { orderSummary } from './order.summary.js';
import { outcomeOf, TONE_OF } from './payment.message.js';
import {
  backLink,
  continueLink,
  type Fact,
  footOf,
  orderFacts,
  payLink,
  type PaymentPage,
} from './payment.page.js';

/** A paid payment's receipt; of any other payment, the same page says that it is not paid. */
export function receiptPage(payment: PaymentPage, reader: Reader): Page {
  const texts = TEXTS[reader.language];
  const outcome = outcomeOf(payment, 'receipt');
  const message = texts.outcomes[outcome];
  const paid = isPaid(payment.status);
  const money = moneyOf(payment);
  const shop = paid ? continueLink(payment, texts) : backLink(payment, texts);
  return {
    template: 'receipt',
    language: reader.language,
    title: paid ? texts.receipt.title : message.title,
    loads: { scripts: [TIMES] },
    content: {
      tone: TONE_OF[outcome],
      headline: money && amountWithCode(money, reader.locale),
      text: textOf(payment, message, texts),
      facts: factsOf(payment, outcome, reader, texts),
      order: orderSummary(payment, reader, texts),
      ...footOf(payment, texts),
      links: [
        ...payLink('../../', payment, texts),
        ...shop.map((link) => ({ ...link, kind: 'secondary' as const })),
      ],
      note: texts.receipt.keepId,
    },
  };
}

/** What came in, else what is asked for. */
function moneyOf({ status, amount, amountCaptured, received, currency }: PaymentPage): Money | undefined {
  if (status === 'review') return received;
  return { amount: isPaid(status) ? amountCaptured : amount, currency };
}

function textOf(payment: PaymentPage, { text }: Message, { receipt, disputed }: Texts): string | undefined {
  if (!isPaid(payment.status)) return `${receipt.notPaid} ${text}`;
  return payment.disputed === true ? disputed : undefined;
}

function factsOf(payment: PaymentPage, outcome: Outcome, reader: Reader, all: Texts): Fact[] {
  const { receipt, outcomes, ...texts } = all;
  const { method } = payment;
  return [
    ...orderFacts(payment, all),
    { label: receipt.status, value: outcomes[outcome].title },
    momentOf(payment, reader, all),
    ...(method === undefined ? [] : [{ label: receipt.method, value: methodText(method, texts) }]),
    { label: receipt.payment, value: payment.paymentId },
  ];
}

function momentOf({ status, paidAt, createdAt }: PaymentPage, reader: Reader, { receipt }: Texts): Fact {
  if (paidAt === undefined) return dateFact(receipt.startedOn, createdAt, reader);
  return dateFact(status === 'review' ? receipt.receivedOn : receipt.paidOn, paidAt, reader);
}

function dateFact(label: string, date: Date, { locale }: Reader): Fact {
  return { label, value: dateText(date, locale), datetime: date.toISOString() };
}

/** For programs. Amounts are JSON integers in minor units (none is beyond 2^53 − 1); adjustments' are positive. */
export function receiptJson(payment: PaymentPage) {
  const { method } = payment;
  return {
    paymentId: payment.paymentId,
    orderId: payment.orderId,
    paid: isPaid(payment.status),
    status: payment.status,
    livemode: payment.livemode,
    amount: Number(payment.amount),
    amountCaptured: Number(payment.amountCaptured),
    amountRefunded: Number(payment.amountRefunded),
    currency: payment.currency,
    items: payment.items.map((item) => ({ ...item, unitAmount: Number(item.unitAmount) })),
    adjustments: payment.adjustments.map((line) => ({ ...line, amount: Number(line.amount) })),
    paymentMethod:
      method === undefined
        ? null
        : {
            type: method.type,
            brand: method.brand ?? null,
            last4: method.last4 ?? null,
            installments: method.installments ?? null,
          },
    createdAt: payment.createdAt.toISOString(),
    paidAt: payment.paidAt?.toISOString() ?? null,
  };
}
