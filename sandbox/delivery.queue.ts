import { DeliveryLog, type DeliveryRecord } from './delivery.log.js';
import { DEFAULT_SWITCHES, isDropped, type DeliverySwitches } from './delivery.switches.js';
import { newAgents, postBytes } from './http.post.js';
import { seededRandom } from './seeded.random.js';

export interface OutgoingMessage {
  id: string;
  type: string;
  /** A function where every attempt has a body of its own. */
  body: string | (() => string);
  /** Where it goes instead of everywhere. */
  urls?: string[];
  /** Its headers, where it has other ones than every other message. */
  headersFor?: (body: Buffer) => Record<string, string>;
}

export interface DeliveryOptions {
  /** Headers of one attempt: a signature carries the time of the attempt, not of the event. */
  headersFor: (body: Buffer) => Record<string, string>;
  /** Waits between attempts in milliseconds; when they are used up the delivery has failed. */
  retryScheduleMs: number[];
  timeoutMs: number;
  /** Which answers count as taken; every 2xx when absent. */
  isTaken?: (status: number) => boolean;
  /** Hears of every attempt. */
  onAttempt?: (record: DeliveryRecord) => void;
}

interface Job {
  message: OutgoingMessage;
  url: string;
  copy: number;
  attempt: number;
  notBefore: number;
}

/**
 * Sends webhooks as a provider does: one after the other in the order of the events, again after
 * a failure while later ones go ahead, and with whatever the switches do to them on the way.
 */
export class DeliveryQueue {
  readonly switches: DeliverySwitches = { ...DEFAULT_SWITCHES };
  private readonly history = new DeliveryLog();
  private readonly agents = newAgents();
  private waiting: Job[] = [];
  private active = 0;
  private timer: NodeJS.Timeout | null = null;
  private random = seededRandom(1);
  private urls: string[] = [];
  private idle: (() => void)[] = [];
  private closed = false;

  constructor(private readonly options: DeliveryOptions) {}

  /** Every attempt so far, oldest first. */
  get log(): readonly DeliveryRecord[] {
    return this.history.records;
  }

  setUrls(urls: string[]): void {
    this.urls = [...urls];
  }

  /** The number of receivers that a message sent now goes to. */
  get receivers(): number {
    return this.urls.length;
  }

  outstanding(messageId: string): number {
    return this.history.outstanding(messageId);
  }

  /** Changes the named switches and leaves the others; takes effect at once. */
  set(changes: Partial<DeliverySwitches>): void {
    Object.assign(this.switches, structuredClone(changes));
    if (changes.reorder) this.random = seededRandom(changes.reorder.seed);
    this.wake();
  }

  enqueue(message: OutgoingMessage): void {
    for (const url of message.urls ?? this.urls) {
      for (let copy = 1; copy <= this.switches.duplicate; copy += 1) {
        const job = { message, url, copy, attempt: 1, notBefore: Date.now() + this.switches.delayMs };
        this.history.expect(message.id);
        if (isDropped(this.switches, message.type)) this.record(job, 'dropped', null, null);
        else this.waiting.push(job);
      }
    }
    this.wake();
  }

  /** Resolves when nothing is queued, under way or waiting for its retry. While paused it waits. */
  settled(): Promise<void> {
    if (this.waiting.length === 0 && this.active === 0) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  close(): void {
    this.closed = true;
    this.waiting = [];
    if (this.timer) clearTimeout(this.timer);
    this.agents.http.destroy();
    this.agents.https.destroy();
    this.releaseIdle();
  }

  private wake(waitMs = 0): void {
    if (this.closed) return;
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), waitMs);
  }

  private pump(): void {
    while (!this.closed && !this.switches.paused && this.active < this.switches.concurrency) {
      const job = this.takeReady();
      if (!job) break;
      this.active += 1;
      void this.attempt(job).then(() => {
        this.active -= 1;
        if (this.waiting.length === 0 && this.active === 0) this.releaseIdle();
        else this.pump();
      });
    }
    // When there is no room, the end of a request comes back here; otherwise only a timer does.
    const full = this.active >= this.switches.concurrency;
    if (full || this.waiting.length === 0 || this.switches.paused) return;
    const next = this.waiting.reduce((soonest, job) => Math.min(soonest, job.notBefore), Infinity);
    this.wake(Math.max(1, next - Date.now()));
  }

  private takeReady(): Job | undefined {
    const now = Date.now();
    const isReady = (job: Job): boolean => job.notBefore <= now;
    if (this.switches.reorder === null) {
      const first = this.waiting.findIndex(isReady);
      return first < 0 ? undefined : this.waiting.splice(first, 1)[0];
    }
    const ready = this.waiting.filter(isReady);
    const job = ready[Math.floor(this.random() * ready.length)];
    if (job) this.waiting.splice(this.waiting.indexOf(job), 1);
    return job;
  }

  private async attempt(job: Job): Promise<void> {
    const { body: text } = job.message;
    const body = Buffer.from(typeof text === 'string' ? text : text(), 'utf8');
    let status: number | null = null;
    let error: string | null = null;
    try {
      const headers = (job.message.headersFor ?? this.options.headersFor)(body);
      const { timeoutMs } = this.options;
      status = await postBytes(job.url, body, headers, { agents: this.agents, timeoutMs });
    } catch (cause) {
      error = cause instanceof Error ? cause.message : String(cause);
    }
    if (this.closed) return;
    const { isTaken = isSuccess } = this.options;
    if (status !== null && isTaken(status)) return this.record(job, 'delivered', status, null);
    const waitMs = this.options.retryScheduleMs[job.attempt - 1];
    if (waitMs === undefined) return this.record(job, 'failed', status, error);
    this.record(job, 'retrying', status, error);
    this.waiting.push({ ...job, attempt: job.attempt + 1, notBefore: Date.now() + waitMs });
  }

  private record(
    job: Job,
    outcome: DeliveryRecord['outcome'],
    status: number | null,
    error: string | null,
  ): void {
    const { message, url, attempt, copy } = job;
    const { id: messageId, type } = message;
    const record = { messageId, type, url, attempt, copy, outcome, status, error, at: Date.now() };
    this.history.add(record);
    this.options.onAttempt?.(record);
  }

  private releaseIdle(): void {
    const waiters = this.idle;
    this.idle = [];
    for (const resolve of waiters) resolve();
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
