import { expect } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { eventually } from '../support/harness/eventually.js';
import { findingsOf, sidewaysOf } from './page.probe.js';

/** A phone and a desk. */
const WIDTHS = [375, 1280];
const HEIGHT = 900;
const SEEN_WITHIN_MS = 20_000;
const LINK_WITHIN_MS = 1_000;
const MOST_TABS = 40;
const OUTLINE_OF = '(element) => getComputedStyle(element).outlineStyle';
const PICTURES = process.env.BROWSER_PICTURES ?? join(tmpdir(), 'payments-pages');

export interface VisitorOptions {
  /** BCP 47; the browser asks for pages in that language. Default `en-US`. */
  readonly locale?: string;
  readonly colorScheme?: 'light' | 'dark';
  /** IANA; default: the machine's. */
  readonly timezoneId?: string;
}

interface BecomesOptions {
  /** Default: the English one. */
  readonly link?: string;
  readonly picture?: string;
}

/** Somebody with a browser of their own, who looks closely at every page that they `see`. */
export class Visitor {
  /** Console errors, failed loads and violated policies, over all pages. */
  readonly complaints: string[] = [];
  /** What the pages and their frames have asked for, with the bodies that they sent. */
  private readonly requests: { url: string; body: string }[] = [];
  /** Documents that were answered with an error on purpose: the browser writes that to its console. */
  private readonly documents = new Set<string>();

  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('request', (request) => {
      this.requests.push({ url: request.url(), body: request.postData() ?? '' });
    });
    page.on('response', (response) => {
      if (response.request().isNavigationRequest()) this.documents.add(response.url());
    });
    page.on('console', (message) => {
      const { url } = message.location();
      const isAnswer = message.text().startsWith('Failed to load resource') && this.documents.has(url);
      if (['error', 'warning'].includes(message.type()) && !isAnswer) {
        this.complaints.push(`${page.url()}: ${message.text()}`);
      }
    });
    page.on('pageerror', (error) => this.complaints.push(`${page.url()}: ${error.message}`));
  }

  static async arrive(browser: Browser, options: VisitorOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({
      locale: options.locale ?? 'en-US',
      colorScheme: options.colorScheme ?? 'light',
      ...(options.timezoneId !== undefined && { timezoneId: options.timezoneId }),
      viewport: { width: WIDTHS[0] ?? 0, height: HEIGHT },
    });
    context.setDefaultTimeout(SEEN_WITHIN_MS);
    return new Visitor(context, await context.newPage());
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
  }

  /**
   * Waits for the page with this main heading, and looks at it on a phone and at a desk.
   * @param picture the name of its screenshots
   */
  async see(title: string, picture?: string): Promise<void> {
    await eventually(async () => {
      const heading = await this.page.getByRole('heading', { level: 1 }).allInnerTexts();
      expect({ at: this.page.url(), heading }).toEqual({ at: this.page.url(), heading: [title] });
    });
    // A page that refreshes itself may be replaced while it is looked at: then it is looked at again.
    const findings = await eventually(() => findingsOf(this.page));
    expect(findings).toEqual({
      language: expect.stringMatching(/^(en|es)$/),
      mainHeadings: [title],
      mains: 1,
      skippedHeadings: [],
      unnamed: [],
      repeatedIds: [],
      faint: [],
    });
    for (const width of WIDTHS) {
      await this.page.setViewportSize({ width, height: HEIGHT });
      expect({ width, sideways: await eventually(() => sidewaysOf(this.page)) }).toEqual({
        width,
        sideways: 0,
      });
      if (picture !== undefined) await this.photograph(`${picture}-${width}`);
    }
  }

  /** Asks again, by the page's own link, until the page says this: sooner than it would by itself. */
  async becomes(title: string, { link = 'Check again', picture }: BecomesOptions = {}): Promise<void> {
    const heading = this.page.getByRole('heading', { level: 1 });
    await eventually(async () => {
      const said = await heading.innerText();
      if (said === title) return;
      // The page may have asked by itself in this very moment, and then the link is gone.
      await this.page.getByRole('link', { name: link }).click({ timeout: LINK_WITHIN_MS });
      throw new Error(`the page said "${said}" and not "${title}"`);
    });
    await this.see(title, picture);
  }

  /** Closes the browser's window. @throws when a page made the browser complain */
  async leave(): Promise<void> {
    await this.context.close();
    expect(this.complaints).toEqual([]);
  }

  follow(link: string): Promise<void> {
    return this.page.getByRole('link', { name: link }).click();
  }

  press(button: string | RegExp): Promise<void> {
    return this.page.getByRole('button', { name: button }).click();
  }

  /** Presses Tab until this has the focus, and can be seen to have it. @throws when Tab never gets there */
  async tabTo(target: Locator): Promise<void> {
    const focused = this.page.locator(':focus');
    for (let presses = 0; presses < MOST_TABS; presses += 1) {
      await this.page.keyboard.press('Tab');
      if ((await target.and(focused).count()) === 0) continue;
      expect(await focused.evaluate(OUTLINE_OF)).not.toBe('none');
      return;
    }
    throw new Error(`${MOST_TABS} Tabs do not lead to ${target.toString()}`);
  }

  /** Everything that the browser told the server with this URL, without what may separate letters and digits. */
  toldTo(server: string): string {
    const told = this.requests.filter(({ url }) => url.startsWith(server));
    return told.map(({ url, body }) => `${url} ${body}`.replaceAll(/%[0-9a-f]{2}|[^a-z0-9]/gi, '')).join(' ');
  }

  /** The page's words, as a reader gets them. */
  async words(): Promise<string> {
    return this.page.locator('main').innerText();
  }

  private async photograph(name: string): Promise<void> {
    mkdirSync(PICTURES, { recursive: true });
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
  }
}
