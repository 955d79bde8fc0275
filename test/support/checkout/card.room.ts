import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type CardPage, CardPageSource } from '../../../src/checkout/card/card.page.js';
import { CardErrorFilter, CardHttpController } from '../../../src/checkout/card/card.http.controller.js';
import { CardForms } from '../../../src/checkout/card/card.form.js';
import { CardFormSettings } from '../../../src/config/settings.js';
import { ServiceError } from '../../../src/kernel/errors.js';
import type { CardFormStyle, CardSetupsPort } from '../../../src/providers/billing.ports.js';
import type { EmbeddedCheckout } from '../../../src/providers/payment.ports.js';
import type { Capability, OptionalParts } from '../../../src/providers/provider.port.js';
import { ProviderRegistry } from '../../../src/providers/provider.registry.js';
import { FakeProvider } from '../domain/fake.provider.js';
import { HTML, ID, JSON_CALLER, openPages, registryOf } from './checkout.room.js';

export const SETUP: CardPage = {
  setupId: ID,
  provider: 'fake',
  state: 'open',
  livemode: true,
  embed: { checkoutId: 'form-1' },
};
export const CARD = { brand: 'visa', last4: '4242' };

const DRIVER = 'window.checkoutPage.ready();';

/** A provider whose form for a card is shown inside our page; nothing else of it is asked. */
export class CardSavingProvider extends FakeProvider implements Pick<OptionalParts, 'cardSetups'> {
  override readonly capabilities: ReadonlySet<Capability> = new Set(['card_setups']);
  readonly cardSetups: CardSetupsPort = {
    attachesCards: false,
    request: () => ({}),
    create: () => Promise.reject(new Error('no page opens a setup')),
    tokenOf: () => Promise.resolve(undefined),
    form: ({ checkoutId = '' }, language, style) => formOf(checkoutId, language, style),
  };
}

function formOf(checkoutId: string, language: 'es' | 'en', style: CardFormStyle): EmbeddedCheckout {
  return {
    scriptUrl: 'https://js.pay.example/v1/component.js',
    driver: DRIVER,
    config: { checkoutId, language, look: JSON.stringify(style) },
    sources: {
      script: [],
      frame: ['https://frame.pay.example'],
      connect: ['https://api.pay.example'],
      image: [],
      inlineStyle: false,
    },
  };
}

/** The page for saving a card over one setup, behind the headers that every answer has. */
export class CardRoom {
  /** What is stored. */
  found: CardPage | Error = SETUP;
  /** What the next finish comes to. */
  finished: CardPage | ServiceError = { ...SETUP, state: 'saved' };
  /** Of every finish, in order. */
  readonly tokens: (string | undefined)[] = [];

  private constructor(private readonly app: () => NestFastifyApplication) {}

  static async open(style: CardFormSettings = {}, provider = new CardSavingProvider()): Promise<CardRoom> {
    const room: CardRoom = new CardRoom(() => app);
    const app = await openPages({
      controllers: [CardHttpController],
      providers: [
        CardForms,
        CardErrorFilter,
        { provide: ProviderRegistry, useValue: registryOf(provider) },
        { provide: CardFormSettings, useValue: style },
        { provide: CardPageSource, useValue: new OneSetup(room) },
      ],
    });
    return room;
  }

  get(url: string, headers: Record<string, string> = HTML) {
    return this.app().inject({ method: 'GET', url, headers });
  }

  post(url: string, payload: object) {
    return this.app().inject({ method: 'POST', url, payload, headers: JSON_CALLER });
  }

  close(): Promise<void> {
    return this.app().close();
  }
}

class OneSetup extends CardPageSource {
  constructor(private readonly room: CardRoom) {
    super();
  }

  override async find(id: string): Promise<CardPage | undefined> {
    return id === ID ? known(this.room.found) : undefined;
  }

  override async finish(_id: string, token: string | undefined): Promise<CardPage> {
    this.room.tokens.push(token);
    return known(this.room.finished);
  }
}

function known(found: CardPage | Error): CardPage {
  if (found instanceof Error) throw found;
  return found;
}
