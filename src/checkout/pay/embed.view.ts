import type { EmbeddedCheckout } from '../../providers/embedded.port.js';
import { orderSummary } from '../order.summary.js';
import { backLink, closingOf } from '../page/page.links.js';
import type { Page } from '../page/page.renderer.js';
import type { PaymentPage } from '../payment.page.js';
import { TEXTS } from '../reader/language.js';
import type { Reader } from '../reader/reader.js';
import { amountWithCode } from '../texts/money.text.js';
import { formLoads } from './form.loads.js';
import { jsonIsland, pageScript } from './page.script.js';
import { orderFacts } from '../order.fact.js';

const SCRIPT = pageScript(new URL('./embed.browser.js', import.meta.url));

/** More lines than these are folded away: the customer is here to pay. */
const MOST_LINES_SHOWN = 5;

/** The page that takes a payment in the provider's own form. */
export function embedPage(payment: PaymentPage, checkout: EmbeddedCheckout, reader: Reader): Page {
  const texts = TEXTS[reader.language];
  const { amount, currency, paymentId } = payment;
  const { loading, notLoaded, notSeen, failed } = texts.pay;
  return {
    template: 'embed',
    language: reader.language,
    title: texts.pay.title,
    loads: formLoads(checkout, [SCRIPT, checkout.driver]),
    // Providers let their forms be used by the origins that a shop has registered.
    showsOrigin: true,
    content: {
      texts: texts.pay,
      tryAgain: texts.links.tryAgain,
      headline: amountWithCode({ amount, currency }, reader.locale),
      facts: orderFacts(payment, texts),
      order: orderSummary(payment, reader, texts),
      isFolded: payment.items.length > MOST_LINES_SHOWN,
      links: backLink(payment, texts),
      closing: closingOf(payment, texts),
      self: paymentId,
      scriptUrl: checkout.scriptUrl,
      island: jsonIsland({
        config: checkout.config,
        returnTo: `${paymentId}/return`,
        texts: { loading, notLoaded, notSeen, failed, problems: texts.problems },
      }),
      testMode: payment.livemode ? undefined : texts.testMode,
    },
  };
}
