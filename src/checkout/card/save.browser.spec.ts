import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';

const SCRIPT = readFileSync(new URL('./save.browser.js', import.meta.url), 'utf8');
const SETUP = { setupId: 'setup-1', saveAt: 'new/setup-1' };
const TEXTS = {
  saving: 'saving',
  failed: 'failed',
  notYet: 'not yet',
  card_declined: 'declined',
  transition_refused: 'closed',
};
const SHOP = 'https://shop.example';

/** What the page's first script has made of it. */
interface CheckoutPage {
  busy(text: string): void;
  tell(text: string): void;
  finished?(token?: string): Promise<void>;
}

interface Answer {
  status: number;
  told?: object;
}

/** What the script does in a page, with the parts of a browser that it uses. */
class SavingPage {
  readonly sent: unknown[] = [];
  readonly said: unknown[] = [];
  readonly told: unknown[] = [];
  readonly gone: string[] = [];
  readonly retry = { hidden: true, addEventListener: (_type: string, act: Click) => (this.click = act) };
  readonly checkoutPage: CheckoutPage = {
    busy: (text: string) => this.said.push(text),
    tell: (text: string) => this.said.push(text),
  };
  private click: Click = () => undefined;

  /** @param answers of our service, in order; 'lost' never arrives. */
  constructor(
    answers: (Answer | 'lost')[],
    { shop, hasOpener }: { shop?: string; hasOpener?: boolean } = {},
  ) {
    const island = { textContent: JSON.stringify({ ...SETUP, shop, texts: TEXTS }) };
    const postMessage = (...message: unknown[]) => this.told.push(message);
    const window: object = { checkoutPage: this.checkoutPage, opener: hasOpener ? { postMessage } : null };
    runInNewContext(SCRIPT, {
      window: Object.assign(window, { parent: window }),
      document: { getElementById: (id: string) => (id === 'retry' ? this.retry : island) },
      location: { assign: (url: string) => this.gone.push(url), reload: () => this.gone.push('reload') },
      fetch: async (url: string, { body }: { body: string }) => {
        this.sent.push([url, JSON.parse(body)]);
        const answer = answers.shift();
        if (answer === undefined || answer === 'lost') throw new TypeError('Failed to fetch');
        return { status: answer.status, json: async () => answer.told };
      },
    });
  }

  async finish(token?: string): Promise<this> {
    await this.checkoutPage.finished?.(token);
    return this;
  }

  async tryAgain(): Promise<void> {
    await Promise.resolve(this.click({ preventDefault: () => undefined }));
  }
}

type Click = (event: { preventDefault: () => void }) => unknown;

const saved = (more: object = {}): Answer => ({
  status: 200,
  told: { saved: true, card: null, token: null, continueTo: null, ...more },
});

describe('the script of the page that saves a card', () => {
  it('gives our service the token, and shows what the service says of the card', async () => {
    const page = await new SavingPage([saved()]).finish('tok_1');
    expect(page.sent).toEqual([['new/setup-1', { token: 'tok_1' }]]);
    expect([page.said, page.gone]).toEqual([['saving'], ['reload']]);
    expect((await new SavingPage([saved()]).finish()).sent).toEqual([['new/setup-1', {}]]);
  });

  it("tells the shop's own window, and no other", async () => {
    const page = await new SavingPage([saved({ token: 'tok_1', continueTo: `${SHOP}/?token=tok_1` })], {
      shop: SHOP,
      hasOpener: true,
    }).finish('tok_1');
    expect(page.told).toEqual([[{ type: 'card-saved', setupId: 'setup-1', token: 'tok_1' }, SHOP]]);
    expect(page.gone).toEqual(['reload']);
    const nobody = await new SavingPage([saved()], { hasOpener: true }).finish('tok_1');
    expect(nobody.told).toEqual([]);
  });

  it('takes a token that nobody was told to the shop', async () => {
    const page = new SavingPage([saved({ token: 'tok_1', continueTo: `${SHOP}/?token=tok_1` })], {
      shop: SHOP,
    });
    expect((await page.finish('tok_1')).gone).toEqual([`${SHOP}/?token=tok_1`]);
  });

  it('says why a card was refused', async () => {
    const told = { code: 'card_declined', message: 'the card was declined' };
    const page = await new SavingPage([{ status: 402, told }]).finish('tok_1');
    expect([page.said, page.gone, page.retry.hidden]).toEqual([['saving', 'declined'], [], true]);
    const other = await new SavingPage([{ status: 502, told: { code: 'provider_rejected' } }]).finish(
      'tok_1',
    );
    expect(other.said).toEqual(['saving', 'failed']);
    expect(other.retry.hidden).toBe(true);
  });

  it('has the page loaded again where the form is not open any more', async () => {
    const refusal = { status: 409, told: { code: 'transition_refused' } };
    const page = await new SavingPage([refusal]).finish('tok_1');
    expect([page.said, page.retry.hidden]).toEqual([['saving', 'closed'], false]);
    await page.tryAgain();
    expect(page.sent).toHaveLength(1);
  });

  it.each<Answer | 'lost'>([
    'lost',
    { status: 503, told: {} },
    { status: 409, told: { code: 'operation_in_doubt' } },
  ])('lets the customer ask again for the same after %j', async (answer) => {
    const page = await new SavingPage([answer, saved()]).finish('tok_1');
    expect([page.said, page.retry.hidden]).toEqual([['saving', 'not yet'], false]);
    await page.tryAgain();
    expect(page.sent).toEqual([
      ['new/setup-1', { token: 'tok_1' }],
      ['new/setup-1', { token: 'tok_1' }],
    ]);
  });
});
