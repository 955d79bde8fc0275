import type { Browser } from 'playwright-core';
import { mexicanPurchase, openAtProvider, purchase, type SessionBody } from '../support/harness/calls.js';
import type { ServiceProcess } from '../support/harness/service.process.js';
import { startWorld, type World } from '../support/harness/world.js';
import type { ConektaSandbox } from '../../sandbox/conekta/conekta.sandbox.types.js';
import type { StripeSandbox } from '../../sandbox/stripe/stripe.sandbox.js';
import { startBrowser } from './browser.js';
import { Visitor, type VisitorOptions } from './visitor.js';

/** A shop that nobody serves: a test answers for it in the browser. */
export const SHOP = 'https://shop.example';

const ENV = { LOG_LEVEL: 'warn', REDIRECT_ORIGINS: SHOP };

export type OpenedSession = SessionBody & { readonly sessionId: string };

/** The service as it is built; both stand-ins, a broker, a browser. */
export class Stage {
  private readonly visitors: Visitor[] = [];

  private constructor(
    readonly world: World,
    private readonly browser: Browser,
  ) {}

  static async open(): Promise<Stage> {
    const browser = await startBrowser();
    try {
      return new Stage(await startWorld({ database: 'embedded', conekta: true, env: ENV }), browser);
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  get service(): ServiceProcess {
    return this.world.service;
  }

  get stripe(): StripeSandbox {
    return this.world.stripe;
  }

  get conekta(): ConektaSandbox {
    return this.world.conekta;
  }

  /** A session as an orders service asks for it, and a customer who was sent to its page. */
  async customer(request: object = {}, options: VisitorOptions = {}): Promise<[Visitor, OpenedSession]> {
    const session = await openAtProvider(this.service, purchase(request));
    const visitor = await this.visitor(options);
    await visitor.open(session.url);
    return [visitor, session];
  }

  /** The same at Conekta. */
  async mexicanCustomer(
    request: object = {},
    options: VisitorOptions = {},
  ): Promise<[Visitor, OpenedSession]> {
    return this.customer(mexicanPurchase(request), options);
  }

  async visitor(options: VisitorOptions = {}): Promise<Visitor> {
    const visitor = await Visitor.arrive(this.browser, options);
    this.visitors.push(visitor);
    return visitor;
  }

  /** Everybody goes home. @throws when a browser complained about a page */
  async clear(): Promise<void> {
    for (const visitor of this.visitors.splice(0)) await visitor.leave();
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.world.stop();
  }
}
