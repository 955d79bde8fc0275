import type { CardForm } from './billing.client.js';
import { openCardFrame, saidByFrame } from './component.frame.js';
import { expectThat } from './demo.failure.js';
import { postJson } from './http.client.js';
import { dataIn, type Page, textOf } from './page.reader.js';
import { openPage, submitForm } from './page.visitor.js';

/** Somebody who saves a card in the provider's component on our page, which does what its scripts would. */
export class CardCustomer {
  private constructor(
    private readonly page: Page,
    private readonly frame: Page,
  ) {}

  /** @param origin of this project's service */
  static async open({ url }: CardForm, origin: string): Promise<CardCustomer> {
    expectThat(url.startsWith(`${origin}/cards/new`), `the form's page is not ours: ${url}`);
    const page = await openPage(url);
    expectThat(page.status === 200, `our page for a card was answered ${page.status}`);
    return new CardCustomer(page, await openCardFrame(page));
  }

  get headline(): string {
    return textOf(this.page, 'h1') ?? '';
  }

  /** What the button in the frame says. */
  get button(): string {
    return textOf(this.frame, 'button') ?? '';
  }

  /** @returns what the frame says, and our page that the customer sees then */
  async save(number: string, name: string): Promise<{ frame: string; result: string }> {
    const frame = await submitForm(this.frame, '/card', { number, name });
    await this.handOver(saidByFrame<{ id: string }>(frame).id);
    const after = await openPage(this.page.url);
    const result = textOf(after, 'h1') ?? '';
    expectThat(result === 'Card saved', `our page says “${result}” (${after.status})`);
    return { frame: textOf(frame, 'h1') ?? '', result };
  }

  /** What our page does with the token of the component. */
  private async handOver(token: string): Promise<void> {
    const { saveAt } = dataIn<{ saveAt: string }>(this.page, 'checkout-config');
    const { saved } = await postJson<{ saved: boolean }>(new URL(saveAt, this.page.url).href, { token });
    expectThat(saved, 'our page was told that the card is not saved');
  }
}
