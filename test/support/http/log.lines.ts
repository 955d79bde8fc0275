import { PinoLogger } from '../../../src/http/logging/pino.logger.js';

/** A logger that keeps its lines. */
export class LogLines {
  readonly text: string[] = [];
  readonly logger = new PinoLogger({ logLevel: 'trace' }, { write: (line) => void this.text.push(line) });

  /** The lines as objects. */
  get records(): Record<string, unknown>[] {
    return this.text.map((line) => JSON.parse(line));
  }

  get all(): string {
    return this.text.join('');
  }
}
