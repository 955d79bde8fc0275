import type { ModuleMetadata } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { FakeProvider } from '../domain/fake.provider.js';
import { Clock } from '../../../src/kernel/clock.js';
import type { SessionEmbed } from '../../../src/providers/facts.js';
import type { EmbeddedCheckout } from '../../../src/providers/payment.ports.js';
import type { Capability, OptionalParts } from '../../../src/providers/provider.port.js';
import { ProviderHealth, ProviderRegistry } from '../../../src/providers/provider.registry.js';
import { ErrorFilter } from '../../../src/http/filters/error.filter.js';
import { PinoLogger } from '../../../src/http/logging/pino.logger.js';
import { addSecurityHeaders } from '../../../src/http/security.headers.js';
import { RequestPipe } from '../../../src/http/validation/request.pipe.js';
import { ShopHome } from '../../../src/checkout/page/shop.url.js';
import { PageErrorFilter, showErrorsToPeople } from '../../../src/checkout/page/page.error.filter.js';
import { PageRenderer } from '../../../src/checkout/page/page.renderer.js';
import { PaymentPagesHttpController } from '../../../src/checkout/payment/payment.http.controller.js';
import { PayPages } from '../../../src/checkout/payment/pay.pages.js';
import { type PaymentPage, PaymentPageSource } from '../../../src/checkout/payment/payment.page.js';

export const ID = '01936f2e-7b1a-7c3d-8e4f-0123456789ab';
export const UNKNOWN_ID = '01936f2e-7b1a-7c3d-8e4f-ffffffffffff';
export const PAID: PaymentPage = {
  paymentId: ID,
  orderId: 'order-1',
  provider: 'fake',
  status: 'succeeded',
  livemode: true,
  amount: 123450n,
  amountCaptured: 123450n,
  amountRefunded: 0n,
  currency: 'MXN',
  items: [{ name: 'Teclado', unitAmount: 61725n, quantity: 2 }],
  adjustments: [],
  method: { type: 'card', brand: 'visa', last4: '4242' },
  createdAt: new Date('2026-11-22T10:00:00Z'),
  paidAt: new Date('2026-11-22T10:03:00Z'),
  ui: 'hosted',
  checkoutUrl: 'https://checkout.example/session',
};
const { method: _method, paidAt: _paidAt, ...NOT_PAID } = PAID;
export const OPEN: PaymentPage = { ...NOT_PAID, status: 'created', amountCaptured: 0n };

export const HTML = { accept: 'text/html,*/*;q=0.8' };
export const SPANISH = { ...HTML, 'accept-language': 'es-MX,es;q=0.9' };
export const JSON_CALLER = { accept: 'application/json' };

/** What the environment says of the shop: a test may name one. */
export const SHOP: { url: string | undefined } = { url: undefined };

/** A provider whose checkout is shown inside our page. */
export class EmbeddingProvider extends FakeProvider implements Pick<OptionalParts, 'embeddedCheckout'> {
  override readonly capabilities: ReadonlySet<Capability> = new Set(['embedded_checkout']);
  scriptUrl = 'https://js.pay.example/v1/component.js';
  driver = 'window.checkoutPage.ready();';
  inlineStyle = false;

  embeddedCheckout(embed: SessionEmbed, language: 'es' | 'en'): EmbeddedCheckout {
    return {
      scriptUrl: this.scriptUrl,
      driver: this.driver,
      config: { checkoutId: embed.checkoutId ?? '', language },
      sources: {
        script: ['https://cdn.pay.example'],
        frame: ['https://frame.pay.example', 'https://*.bank.example'],
        connect: ['https://api.pay.example'],
        image: [],
        inlineStyle: this.inlineStyle,
      },
    };
  }
}

class OnePayment extends PaymentPageSource {
  constructor(private readonly payment: CheckoutRoom['payment']) {
    super();
  }

  override read(id: string): Promise<PaymentPage | undefined> {
    const { found } = this.payment;
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(id === ID ? found : undefined);
  }

  override findBySession(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/** The customer's pages over one payment, behind the headers that every answer has. */
export class CheckoutRoom {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly payment: { found: PaymentPage | Error },
  ) {}

  static async open(provider = new FakeProvider()): Promise<CheckoutRoom> {
    const payment: CheckoutRoom['payment'] = { found: PAID };
    const app = await openPages({
      controllers: [PaymentPagesHttpController],
      providers: [
        PageErrorFilter,
        PayPages,
        { provide: ProviderRegistry, useValue: registryOf(provider) },
        { provide: PaymentPageSource, useValue: new OnePayment(payment) },
      ],
    });
    return new CheckoutRoom(app, payment);
  }

  get(url: string, headers: Record<string, string> = HTML) {
    return this.app.inject({ method: 'GET', url, headers });
  }

  close(): Promise<void> {
    return this.app.close();
  }
}

/** Pages of a room, behind the headers that every answer has. */
export async function openPages({
  controllers,
  providers,
}: Required<Pick<ModuleMetadata, 'controllers' | 'providers'>>): Promise<NestFastifyApplication> {
  const module = await Test.createTestingModule({
    controllers,
    providers: [
      ...providers,
      PageRenderer,
      { provide: ShopHome, useValue: SHOP },
      { provide: PinoLogger, useValue: new PinoLogger({ logLevel: 'silent' }) },
      { provide: APP_FILTER, useClass: ErrorFilter },
      { provide: APP_PIPE, useClass: RequestPipe },
    ],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  await addSecurityHeaders(app.getHttpAdapter().getInstance());
  showErrorsToPeople(app.getHttpAdapter().getInstance(), app.get(PageRenderer), app.get(ShopHome));
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

export function registryOf(provider: FakeProvider): ProviderRegistry {
  return new ProviderRegistry([provider], { routes: [] }, new ProviderHealth(new Clock()));
}
