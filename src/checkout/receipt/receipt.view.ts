import { isPaid } from '../../payments/payment/payment.js';
import { dateText } from '../texts/date.text.js';
import { TEXTS } from '../reader/language.js';
import { methodText } from '../texts/method.text.js';
import { amountWithCode } from '../texts/money.text.js';
import { OUTCOME_OF, type Outcome, TONE_OF } from '../result/outcome.js';
import { payLink } from '../page/page.links.js';
import { orderSummary } from '../order.summary.js';
import type { Page } from '../page/page.renderer.js';
import type { PaymentPage } from '../payment.page.js';
import type { Reader } from '../reader/reader.js';
import type { Texts } from '../texts/texts.js';
import { orderFacts } from '../order.fact.js';

/** A paid payment's receipt; of any other payment, the same page says that it is not paid. */
export function receiptPage(payment: PaymentPage, reader: Reader): Page {
  const texts = TEXTS[reader.language];
  const outcome = outcomeOf(payment);
  const message = texts.outcomes[outcome];
  const paid = isPaid(payment.status);
  const { amount, amountCaptured, currency } = payment;
  return {
    template: 'receipt',
    language: reader.language,
    title: paid ? texts.receipt.title : message.title,
    content: {
      tone: TONE_OF[outcome],
      headline: amountWithCode(
        paid ? { amount: amountCaptured, currency } : { amount, currency },
        reader.locale,
      ),
      text: paid ? undefined : `${texts.receipt.notPaid} ${message.text}`,
      facts: factsOf(payment, reader, texts),
      order: orderSummary(payment, reader, texts),
      links: payLink('../../', payment, texts),
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

function factsOf(payment: PaymentPage, reader: Reader, all: Texts): Fact[] {
  const { receipt, outcomes, ...texts } = all;
  const { method, paidAt } = payment;
  return [
    ...orderFacts(payment, all),
    { label: receipt.status, value: outcomes[outcomeOf(payment)].title },
    dateFact(paidAt === undefined ? receipt.startedOn : receipt.paidOn, paidAt ?? payment.createdAt, reader),
    ...(method === undefined ? [] : [{ label: receipt.method, value: methodText(method, texts) }]),
    { label: receipt.payment, value: payment.paymentId },
  ];
}

function dateFact(label: string, date: Date, { locale }: Reader): Fact {
  return { label, value: dateText(date, locale), datetime: date.toISOString() };
}
