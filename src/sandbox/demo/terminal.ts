import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** What was done, and what is worth a look below it. */
export interface Told {
  readonly text: string;
  readonly details?: readonly string[];
}

const TIME_WIDTH = 8;
const INDENT = ' '.repeat(TIME_WIDTH + 6);

/** Tells the story: one line per step with a tick and its time. Colours and a live line on a terminal only. */
export class Terminal {
  private readonly lively: boolean;

  constructor(private readonly out: NodeJS.WriteStream) {
    this.lively = out.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  }

  title(text: string, subtitle: string): void {
    this.line(`\n${this.style('bold', text)}\n${this.style('dim', subtitle)}`);
  }

  act(text: string): void {
    this.line(`\n${this.style('bold', text)}`);
  }

  line(text = ''): void {
    this.out.write(`${text}\n`);
  }

  detail(text: string): void {
    this.line(this.style('dim', `${INDENT}${text}`));
  }

  fail(text: string): void {
    this.line(`\n${this.style('red', '✗')} ${text}`);
  }

  /**
   * Does one step of the story and tells what came of it.
   * @param doing shown while it goes on
   * @param since a moment of `performance.now()` that the time counts from, in place of the step's beginning
   */
  async step<T>(doing: string, work: () => Promise<T>, tell: (result: T) => Told, since?: number): Promise<T> {
    const begin = since ?? performance.now();
    if (this.lively) this.out.write(this.style('dim', `  …${' '.repeat(TIME_WIDTH)}   ${doing}`));
    try {
      const result = await work();
      const time = `${since === undefined ? '' : '+'}${duration(performance.now() - begin)}`;
      const { text, details = [] } = tell(result);
      this.clear();
      this.line(`  ${this.style('green', '✓')} ${this.style('cyan', time.padStart(TIME_WIDTH))}  ${text}`);
      for (const detail of details) this.detail(detail);
      return result;
    } catch (error) {
      this.clear();
      this.line(`  ${this.style('red', '✗')} ${' '.repeat(TIME_WIDTH)}  ${doing}`);
      throw error;
    }
  }

  style(style: Style, text: string): string {
    return this.lively ? styleText(style, text) : text;
  }

  private clear(): void {
    if (this.lively) this.out.write('\r\x1b[2K');
  }
}

/** `212 ms`, `3.4 s` */
export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1_000).toFixed(1)} s `;
}
