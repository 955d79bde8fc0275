import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** What was done, and what is worth a look below it. */
export interface Told {
  readonly text: string;
  readonly details?: readonly string[];
}

const TIME_WIDTH = 8;
const DETAIL_WIDTH = 66;
const INDENT = ' '.repeat(TIME_WIDTH + 6);

/** Tells the story: one line per step with a tick and its time. Colours and a live line on a terminal only. */
export class Terminal {
  private readonly lively: boolean;
  private underWay: string | undefined;
  private silent = false;

  constructor(private readonly out: NodeJS.WriteStream) {
    this.lively = out.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  }

  /** Nothing more is said: what happens from now on is the end of everything. */
  hush(): void {
    this.silent = true;
  }

  heading(text: string): void {
    this.line(`\n${this.style('bold', text)}`);
  }

  line(text = ''): void {
    if (this.lively) this.write('\r\x1b[2K');
    this.write(`${text}\n`);
    if (this.lively && this.underWay !== undefined) {
      this.write(this.style('dim', `  …${' '.repeat(TIME_WIDTH)}   ${this.underWay}`));
    }
  }

  dim(text: string): void {
    this.line(this.style('dim', text));
  }

  /** A step that is done. */
  done(time: string, { text, details = [] }: Told): void {
    this.line(`  ${this.style('green', '✓')} ${this.style('cyan', time.padStart(TIME_WIDTH))}  ${text}`);
    for (const detail of details) this.dim(`${INDENT}${detail}`);
  }

  /**
   * Does one step of the story and tells what came of it.
   * @param doing shown while it goes on
   */
  async step<T>(doing: string, work: () => Promise<T>, tell: (result: T) => Told): Promise<T> {
    const begin = performance.now();
    const result = await this.during(doing, work);
    this.done(duration(performance.now() - begin), tell(result));
    return result;
  }

  /** Like `step`, its time counted from another moment of `performance.now()`. */
  async stepSince<T>(
    since: number,
    doing: string,
    work: () => Promise<T>,
    tell: (result: T) => Told,
  ): Promise<T> {
    const result = await this.during(doing, work);
    this.done(`+${duration(performance.now() - since)}`, tell(result));
    return result;
  }

  /** Shows on a terminal what is going on, until it is over. */
  async during<T>(doing: string, work: () => Promise<T>): Promise<T> {
    this.underWay = doing;
    if (this.lively) this.write(this.style('dim', `  …${' '.repeat(TIME_WIDTH)}   ${doing}`));
    try {
      return await work();
    } catch (error) {
      this.underWay = undefined;
      this.line(`  ${this.style('red', '✗')} ${' '.repeat(TIME_WIDTH)}  ${doing}`);
      throw error;
    } finally {
      this.underWay = undefined;
      if (this.lively) this.write('\r\x1b[2K');
    }
  }

  private write(text: string): void {
    if (!this.silent) this.out.write(text);
  }

  style(style: Style, text: string): string {
    return this.lively ? styleText(style, text) : text;
  }
}

/** `212 ms`, `3.4 s` */
export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1_000).toFixed(1)} s `;
}

/** The words with commas between them, in lines that fit below a step. */
export function inLines(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1) ?? ''}, ${word}`;
    if (lines.length > 0 && longer.length <= DETAIL_WIDTH) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
