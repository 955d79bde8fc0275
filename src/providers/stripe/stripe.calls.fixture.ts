import type { Json } from '../json.read.js';
import type { Outcome } from '../provider.port.js';
import type { StripeCheckoutCalls } from './stripe.client.js';

interface Sent {
  path: string;
  params: Json;
  key: string;
}

/** Answers every POST, every read and every page with what it was given. */
export class RecordedCalls implements StripeCheckoutCalls {
  readonly sent: Sent[] = [];
  pages = 0;

  constructor(
    private readonly answers: { post?: (path: string) => unknown; session?: unknown; list?: unknown },
  ) {}

  async post(path: string, params: Json, key: string): Promise<Outcome<unknown>> {
    this.sent.push({ path, params, key });
    return Promise.resolve({ known: true, value: this.answers.post?.(path) });
  }

  session(): Promise<unknown> {
    return Promise.resolve(this.answers.session);
  }

  sessions(): Promise<unknown> {
    this.pages += 1;
    return Promise.resolve(this.answers.list);
  }
}
