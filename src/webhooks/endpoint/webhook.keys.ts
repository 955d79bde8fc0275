import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/clock.js';
import { WebhookKeyReader } from './webhook.key.reader.js';

/** How long another process may go on with keys that were added or ended meanwhile. */
const FRESH_MS = 10_000;
/** The least time between two looks at the database, whatever comes in. */
const PATIENCE_MS = 1_000;

/** What is known of a provider's keys. */
export interface KeySet {
  readonly keys: readonly string[];
  /** Set when the database could not be asked: there may be more keys, and ended ones among these. */
  readonly failure?: unknown;
}

interface Known extends KeySet {
  /** When a look at the database began; one that failed counts from its end, which may have been long in coming. */
  readonly at: number;
}

/**
 * The keys of registered endpoints, ready for verification. Remembered for 10 s, so that a webhook costs no query;
 * forgotten at once when this process changes them.
 */
@Injectable()
export class WebhookKeys {
  private readonly known = new Map<string, Known>();
  private readonly looking = new Map<string, Promise<Known>>();

  constructor(
    private readonly reader: WebhookKeyReader,
    private readonly clock: Clock,
  ) {}

  /** Never throws: without the database, the keys that were known before, and why there are no newer ones. */
  async of(provider: string): Promise<KeySet> {
    const known = this.known.get(provider);
    const span = known?.failure === undefined ? FRESH_MS : PATIENCE_MS;
    return known !== undefined && this.isYounger(known, span) ? known : this.look(provider);
  }

  /** Looks again, unless that was done within the last second. `tried` itself: there is nothing new. */
  async ofLater(provider: string, tried: KeySet): Promise<KeySet> {
    const known = this.known.get(provider);
    const latest =
      known !== undefined && this.isYounger(known, PATIENCE_MS) ? known : await this.look(provider);
    return isSame(latest, tried) ? tried : latest;
  }

  /** After a change of our own. A look that is under way may have missed it. */
  forget(provider: string): void {
    this.known.delete(provider);
    this.looking.delete(provider);
  }

  /** All who ask at the same time share one look. */
  private look(provider: string): Promise<Known> {
    const under = this.looking.get(provider);
    if (under !== undefined) return under;
    const look = this.read(provider).then((known) => {
      if (this.looking.get(provider) === look) {
        this.looking.delete(provider);
        this.known.set(provider, known);
      }
      return known;
    });
    this.looking.set(provider, look);
    return look;
  }

  private async read(provider: string): Promise<Known> {
    const at = this.clock.now().getTime();
    try {
      const usable = await this.reader.usable(provider);
      return { keys: usable.map((key) => key.value), at };
    } catch (failure) {
      return { keys: this.known.get(provider)?.keys ?? [], at: this.clock.now().getTime(), failure };
    }
  }

  /** A clock that was set back makes everything old. */
  private isYounger(known: Known, span: number): boolean {
    const age = this.clock.now().getTime() - known.at;
    return age >= 0 && age < span;
  }
}

function isSame(left: KeySet, right: KeySet): boolean {
  if (left.failure !== right.failure || left.keys.length !== right.keys.length) return false;
  return left.keys.every((key, index) => key === right.keys[index]);
}
