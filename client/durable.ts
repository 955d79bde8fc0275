import {
  AckPolicy,
  type Consumer,
  type ConsumerInfo,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { EVENT_SUBJECT_PREFIX, PAYMENTS_STREAM, subjectOf, type EventType } from './event.types.js';

const NANOSECONDS_PER_MS = 1_000_000;
const LOOK_EVERY_MS = 5_000;
const EVERYTHING = `${EVENT_SUBJECT_PREFIX}>`;

export interface DurableOptions {
  readonly connection: NatsConnection;
  readonly durable: string;
  /** The subjects that we want. */
  readonly filter: string;
  readonly ackWaitMs: number;
  readonly maxDeliver: number;
}

/** A durable consumer that was made anew, because its filter was another one. */
export interface Remade {
  readonly from: string;
  readonly to: string;
  /** Delivered from here on, some of it for the second time. */
  readonly seq: number;
}

/**
 * The durable consumer at the broker. nats-server 2.9 takes a change of its filter and then silently delivers nothing
 * more, or leaves out what came before the change. So the filter is never changed in place: the consumer is deleted
 * and made anew at the first message that it has not acknowledged. What is delivered twice by that has its id.
 */
export class DurableConsumer {
  private started = false;
  private lookedAt = 0;
  /** The first message that may not have been delivered, by the last look at which the filter was right. */
  private safe: number | undefined;
  /** Where it has to begin, from its deletion until it exists again. */
  private resumeAt: number | undefined;

  constructor(
    private readonly options: DurableOptions,
    private readonly onRemade: (remade: Remade) => void,
  ) {}

  /**
   * Finds it, or makes it. At the start it gets our filter whatever it had. Later somebody with another list of types
   * may have started on it, so a wider one is left as it is.
   */
  async open(): Promise<Consumer> {
    const manager = await this.manager();
    const found = await infoOf(manager, this.options.durable);
    if (found === undefined) await this.make(manager, this.options.filter);
    else if (this.isRight(found)) await this.keep(manager, found);
    else await this.remake(manager, found);
    this.started = true;
    this.resumeAt = undefined;
    await this.look();
    return manager.jetstream().consumers.get(PAYMENTS_STREAM, this.options.durable);
  }

  /** Looks now and then whether somebody has narrowed it. @throws Error then, and when it is gone: open it again. */
  async lookAgain(): Promise<void> {
    if (performance.now() - this.lookedAt >= LOOK_EVERY_MS) await this.look();
  }

  private async look(): Promise<void> {
    const info = await infoOf(await this.manager(), this.options.durable);
    if (info === undefined) throw new Error(`The consumer ${this.options.durable} is gone`);
    if (!covers(filterOf(info), this.options.filter)) {
      throw new Error(`The consumer ${this.options.durable} was narrowed to ${filterOf(info)}`);
    }
    this.lookedAt = performance.now();
    this.safe = positionOf(info);
  }

  private isRight(info: ConsumerInfo): boolean {
    const filter = filterOf(info);
    if (this.started) return covers(filter, this.options.filter);
    return filter === this.options.filter && !hasSkipped(info);
  }

  private async keep(manager: JetStreamManager, { config }: ConsumerInfo): Promise<void> {
    const { ack_wait, max_deliver } = this.settings();
    if (config.ack_wait === ack_wait && config.max_deliver === max_deliver) return;
    await manager.consumers.update(PAYMENTS_STREAM, this.options.durable, { ack_wait, max_deliver });
  }

  private async remake(manager: JetStreamManager, found: ConsumerInfo): Promise<void> {
    const { durable, filter } = this.options;
    const from = filterOf(found);
    // Whoever else is at work on it keeps what it wants.
    const to = !this.started || covers(filter, from) ? filter : EVERYTHING;
    this.resumeAt ??= this.safe ?? positionOf(found);
    const seq = this.resumeAt;
    await manager.consumers.delete(PAYMENTS_STREAM, durable).catch(ignoringMissing);
    await this.make(manager, to);
    this.onRemade({ from, to, seq });
  }

  /** @throws Error when another instance was faster and made it with other settings. */
  private async make(manager: JetStreamManager, filter: string): Promise<void> {
    const begin =
      this.resumeAt === undefined
        ? { deliver_policy: DeliverPolicy.All }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.resumeAt };
    await manager.consumers.add(PAYMENTS_STREAM, { ...this.settings(), ...begin, filter_subject: filter });
  }

  private settings() {
    return {
      durable_name: this.options.durable,
      ack_policy: AckPolicy.Explicit,
      ack_wait: this.options.ackWaitMs * NANOSECONDS_PER_MS,
      max_deliver: this.options.maxDeliver,
    };
  }

  private manager(): Promise<JetStreamManager> {
    // checkAPI would ask for account information, which a tightly permitted user may not read.
    return jetstreamManager(this.options.connection, { checkAPI: false });
  }
}

/**
 * The narrowest single subject that covers the types: brokers before 2.10 take only one. What it covers beyond
 * them is acknowledged unread.
 */
export function filterFor(types: readonly EventType[]): string {
  const [first] = types;
  if (first !== undefined && types.every((type) => type === first)) return subjectOf(first);
  const families = new Set(types.map((type) => type.split('.')[0]));
  return families.size === 1 ? `${EVENT_SUBJECT_PREFIX}${[...families][0]}.*` : EVERYTHING;
}

/** Whether everything on `narrow` is on `wide` too: subjects, which may hold wildcards. */
export function covers(wide: string, narrow: string): boolean {
  const [wanted, given] = [wide.split('.'), narrow.split('.')];
  for (const [index, token] of wanted.entries()) {
    if (token === '>') return given.length > index;
    const other = given[index];
    if (other === undefined || other === '>' || (token !== '*' && token !== other)) return false;
  }
  return wanted.length === given.length;
}

function filterOf({ config }: ConsumerInfo): string {
  // Several subjects are of somebody else's making, and cover none of ours for certain.
  return config.filter_subject ?? config.filter_subjects?.join(',') ?? EVERYTHING;
}

/** The first message that may not have been acknowledged. A consumer that acknowledged nothing yet says 0. */
function positionOf({ ack_floor, config }: ConsumerInfo): number {
  return Math.max(ack_floor.stream_seq + 1, config.opt_start_seq ?? 1);
}

/**
 * The trace that a filter leaves which was changed in place, by an older version of this client: nothing waits for an
 * acknowledgement, and messages behind the last acknowledged one are passed. Told for certain only where every message
 * of the stream is wanted: a narrower filter passes others as a matter of course.
 */
function hasSkipped(info: ConsumerInfo): boolean {
  const { delivered, num_ack_pending } = info;
  return filterOf(info) === EVERYTHING && num_ack_pending === 0 && delivered.stream_seq >= positionOf(info);
}

async function infoOf(manager: JetStreamManager, durable: string): Promise<ConsumerInfo | undefined> {
  return manager.consumers.info(PAYMENTS_STREAM, durable).catch(ignoringMissing);
}

function ignoringMissing(error: unknown): undefined {
  if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound)
    return undefined;
  throw error;
}
