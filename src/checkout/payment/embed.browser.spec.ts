import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { SETUP } from '../../../test/support/checkout/card.room.js';
import { OPEN } from '../../../test/support/checkout/checkout.room.js';
import { cardForm } from '../../providers/conekta/customer/conekta.card.setups.js';
import { embeddedCheckout as conektaCheckout } from '../../providers/conekta/session/conekta.embedded.js';
import type { EmbeddedCheckout } from '../../providers/payment.ports.js';
import { embeddedCheckout as stripeCheckout } from '../../providers/stripe/session/stripe.embedded.js';
import { cardFormPage } from '../card/card.form.js';
import type { Page } from '../page/page.renderer.js';
import { embedPage } from './pay.pages.js';
import { type Language, TEXTS } from '../page/reader.js';

const SCRIPT = readFileSync(new URL('./embed.browser.js', import.meta.url), 'utf8');
const CONEKTA = { checkoutId: 'chk-1', publicKey: 'key_public' };
const STRIPE = { clientSecret: 'cs_test_1_secret_2', publicKey: 'pk_test_1' };

type Listener = (event: object) => unknown;
type Provider = 'stripe' | 'conekta';
type Kind = 'payment' | 'card';
interface Callbacks {
  onGetInfoSuccess(): void;
  onErrorPayment(error: unknown): void;
  onCreateTokenError(error: unknown): void;
}

/** Something that can be listened to, with what a script of ours reads and writes. */
class Part {
  textContent = '';
  className = '';
  hidden = true;
  readonly heard = new Map<string, Listener>();
  addEventListener = (type: string, listener: Listener): unknown => this.heard.set(type, listener);
  removeEventListener = (type: string): unknown => this.heard.delete(type);
  scrollIntoView(): void {}
  focus(): void {}
  querySelectorAll(): object[] {
    return [FRAME];
  }
}
const FRAME = { contentWindow: 'the frame' };

function formOf(provider: Provider, kind: Kind, language: Language): EmbeddedCheckout {
  if (provider === 'stripe') return stripeCheckout(STRIPE, language, {});
  return kind === 'card'
    ? cardForm(CONEKTA, language, { style: {} })
    : conektaCheckout(CONEKTA, language, {});
}

function pageOf(kind: Kind, form: EmbeddedCheckout, language: Language): Page {
  const reader = { language, locale: language, json: false };
  return kind === 'card'
    ? cardFormPage(SETUP, form, reader, undefined)
    : embedPage({ ...OPEN, ui: 'embedded' }, form, reader);
}

/** Our page with a provider's driver in it, up to where the provider's own script would run. */
class Visit {
  readonly parts = new Map<string, Part>();
  readonly window = new Part();
  readonly document = new Part();
  readonly timers: { act: () => void; ms: number }[] = [];
  callbacks: Callbacks | undefined;
  private readonly form: EmbeddedCheckout;
  private readonly context: object;

  constructor(
    readonly provider: Provider,
    kind: Kind,
    readonly language: Language,
  ) {
    this.form = formOf(provider, kind, language);
    const { content } = pageOf(kind, this.form, language);
    this.part('checkout-config').textContent = 'island' in content ? String(content.island) : '';
    class HTMLScriptElement {}
    this.context = {
      window: this.window,
      document: Object.assign(this.document, { getElementById: (id: string) => this.part(id) }),
      location: {},
      HTMLScriptElement,
      HTMLIFrameElement: class {},
      setTimeout: (act: () => void, ms: number) => this.timers.push({ act, ms }),
      clearTimeout: (id: number | undefined) => this.timers.splice((id ?? 0) - 1, 1, { act() {}, ms: 0 }),
    };
    this.blockScript = () => this.window.heard.get('error')?.({ target: new HTMLScriptElement() });
    runInNewContext(SCRIPT, this.context);
  }

  readonly blockScript: () => unknown;

  /** The provider's script as far as a page sees it; undefined: it left nothing behind. */
  async drive(script?: (callbacks: Callbacks) => void): Promise<void> {
    const component = (given: { callbacks: Callbacks }) => {
      this.callbacks = given.callbacks;
      script?.(given.callbacks);
    };
    const embedded = async () => ({ mount: () => undefined });
    const globals =
      this.provider === 'conekta'
        ? { ConektaCheckoutComponents: { Integration: component, Card: component } }
        : { Stripe: () => ({ createEmbeddedCheckoutPage: embedded }) };
    if (script !== undefined) Object.assign(this.window, globals);
    runInNewContext(this.form.driver, this.context);
    await new Promise(setImmediate);
  }

  /** The frame is there, and says so in its provider's way. */
  arrive(): void {
    if (this.provider === 'conekta') this.callbacks?.onGetInfoSuccess();
    else this.window.heard.get('message')?.({ source: FRAME.contentWindow });
  }

  loadFrame(): void {
    this.part('checkout').heard.get('load')?.({});
  }

  /** All the time that the page is willing to wait passes. */
  lose(): number {
    const { act, ms } = this.timers.at(-1) ?? { act() {}, ms: 0 };
    act();
    return ms;
  }

  part(id: string): Part {
    const part = this.parts.get(id) ?? new Part();
    this.parts.set(id, part);
    return part;
  }

  /** What somebody in front of the page finds. */
  get seen() {
    return {
      problem: this.part('problem').textContent,
      loading: this.part('loading').hidden ? '' : this.part('loading').textContent,
      canTryAgain: !this.part('retry').hidden,
      look: this.part('form').className,
    };
  }
}

function textsOf(kind: Kind, language: Language) {
  return TEXTS[language][kind === 'card' ? 'cards' : 'pay'];
}

const CASES = (['stripe', 'conekta'] as const).flatMap((provider) =>
  (['payment', 'card'] as const).flatMap((kind) =>
    (['en', 'es'] as const).map((language) => ({ provider, kind, language })),
  ),
);

describe.each(CASES)("$provider's $kind form, in $language,", ({ provider, kind, language }) => {
  const texts = textsOf(kind, language);
  const READY = { problem: '', loading: '', canTryAgain: false, look: '' };
  const MISSING = { problem: texts.notLoaded, loading: '', canTryAgain: true, look: 'missing' };

  it('S18a whose script is blocked or answers an error was never there: nothing is said to have failed', async () => {
    const visit = new Visit(provider, kind, language);
    visit.blockScript();
    expect(visit.seen).toEqual(MISSING);
    await visit.drive();
    expect(visit.seen).toEqual(MISSING);
  });

  it('S18b whose script is garbage was never there', async () => {
    const visit = new Visit(provider, kind, language);
    visit.window.heard.get('error')?.({ target: visit.window });
    await visit.drive();
    expect(visit.seen).toEqual(MISSING);
  });

  it('S18c is awaited where it will stand until its frame is there, and not longer than 20 seconds', async () => {
    const visit = new Visit(provider, kind, language);
    await visit.drive(() => undefined);
    expect(visit.seen).toEqual({ ...READY, loading: texts.loading, look: 'waiting' });
    expect(visit.lose()).toBeLessThanOrEqual(20_000);
    expect(visit.seen).toEqual(MISSING);
  });

  it('S18d takes the place of the message when it comes late', async () => {
    const visit = new Visit(provider, kind, language);
    await visit.drive(() => undefined);
    visit.lose();
    expect(visit.seen).toEqual(MISSING);
    visit.arrive();
    expect(visit.seen).toEqual(READY);
  });

  it('S18e that loads and says nothing is not called missing, and nobody sits before it without a word', async () => {
    const visit = new Visit(provider, kind, language);
    await visit.drive(() => undefined);
    visit.loadFrame();
    expect(visit.seen).toEqual(READY);
    visit.lose();
    expect(visit.seen).toEqual({ ...READY, problem: texts.notSeen, canTryAgain: true });
    visit.arrive();
    expect(visit.seen).toEqual(READY);
  });

  it("S18f whose frame our page's policy refuses is missing at once", async () => {
    const visit = new Visit(provider, kind, language);
    await visit.drive(() => undefined);
    visit.document.heard.get('securitypolicyviolation')?.({ effectiveDirective: 'img-src' });
    expect(visit.seen.problem).toBe('');
    visit.document.heard.get('securitypolicyviolation')?.({ effectiveDirective: 'frame-src' });
    expect(visit.seen).toEqual(MISSING);
  });

  it('S18g says that nothing happened, in words of the page', () => {
    const nothing = {
      payment: { en: /nothing was charged/i, es: /no se cobró nada/i },
      card: { en: /no card was saved/i, es: /no se guardó ninguna/i },
    }[kind][language];
    for (const text of [texts.notLoaded, texts.notSeen, texts.noScript]) expect(text).toMatch(nothing);
  });
});

describe('what a form says is wrong', () => {
  const refusal = (code: string) => ({
    object: 'error',
    details: [{ code: `conekta.errors.${code}`, message: 'Raw text of the provider.' }],
  });

  it.each(['en', 'es'] as const)(
    'S18h is told in the words of our page (%s), whatever came',
    async (language) => {
      const { problems, pay } = TEXTS[language];
      const visit = new Visit('conekta', 'payment', language);
      await visit.drive(() => undefined);
      visit.arrive();
      for (const [error, said] of [
        [refusal('processing.bank.insufficient_funds'), problems.insufficient_funds],
        [refusal('processing.expired_card'), problems.expired_card],
        [refusal('processing.bank.declined'), problems.card_declined],
        [refusal('processing.three_ds_authentication_failed'), problems.not_authenticated],
        [refusal('parameter_validation.card.number.invalid_number'), problems.invalid_card],
        [refusal('processing.msi_error'), problems.no_installments],
        [refusal('api.system.general_failure'), pay.failed],
        ['Network Error', pay.failed],
        [new Error('Request failed with status code 500'), pay.failed],
        [undefined, pay.failed],
      ] as const) {
        visit.callbacks?.onErrorPayment(error);
        expect(visit.seen).toEqual({ problem: said, loading: '', canTryAgain: false, look: '' });
      }
    },
  );

  it('S18i before the form is there is no failed payment; a declined card proves that it was', async () => {
    const visit = new Visit('conekta', 'card', 'es');
    await visit.drive(() => undefined);
    visit.callbacks?.onCreateTokenError('Network Error');
    expect(visit.seen).toMatchObject({ problem: TEXTS.es.cards.notLoaded, canTryAgain: true });
    visit.callbacks?.onCreateTokenError(refusal('processing.card_declined'));
    expect(visit.seen).toMatchObject({ problem: TEXTS.es.problems.card_declined, look: '' });
  });
});
