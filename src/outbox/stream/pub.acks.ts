import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import {
  createInbox,
  type Msg,
  type MsgHdrs,
  type NatsConnection as Nats,
  NoRespondersError,
  PermissionViolationError,
  TimeoutError,
} from '@nats-io/transport-node';

const NO_RESPONDERS = 503;

export interface PubAck {
  stream: string;
  seq: number;
}

interface Waiting {
  subject: string;
  deadline: number;
  resolve: (acknowledged: PubAck) => void;
  reject: (error: Error) => void;
}

/**
 * Publishes to JetStream over one connection, for as long as that is not interrupted. The client's own publish makes a
 * request of each message, with a timer and two stack traces; here all share one subscription and one timer.
 */
export class PubAcks {
  private readonly inbox: string;
  /** By the last token of the reply subject, in the order in which they went out. */
  private readonly waiting = new Map<string, Waiting>();
  private count = 0;
  private timer: NodeJS.Timeout | undefined;
  private broken = false;

  constructor(
    private readonly nats: Nats,
    readonly connected: AbortSignal,
    inboxPrefix: string,
  ) {
    this.inbox = `${createInbox(inboxPrefix)}.`;
    const replies = nats.subscribe(`${this.inbox}*`, {
      callback: (error, reply) => (error === null ? this.settle(reply) : this.breakOff(error)),
    });
    connected.addEventListener(
      'abort',
      () => {
        this.breakOff(new Error('the connection to NATS was interrupted'));
        replies.unsubscribe();
      },
      { once: true },
    );
    void this.followRefusals();
  }

  /** False once its connection was interrupted, or may not receive acknowledgements. */
  isUsable(): boolean {
    return !this.broken;
  }

  /** @throws Error as the client's own publish does; `timeoutMs` is the same for all messages. */
  publish(subject: string, body: string, headers: MsgHdrs, timeoutMs: number): Promise<PubAck> {
    const token = (this.count += 1).toString(36);
    return new Promise((resolve, reject) => {
      this.nats.publish(subject, body, { headers, reply: this.inbox + token });
      this.waiting.set(token, { subject, deadline: performance.now() + timeoutMs, resolve, reject });
      this.timer ??= setTimeout(() => this.expire(), timeoutMs);
    });
  }

  private settle(reply: Msg): void {
    const token = reply.subject.slice(this.inbox.length);
    const message = this.waiting.get(token);
    if (message === undefined) return;
    this.waiting.delete(token);
    try {
      message.resolve(readReply(reply, message.subject));
    } catch (error) {
      message.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Rejects what waits for too long; the oldest come first. */
  private expire(): void {
    this.timer = undefined;
    const now = performance.now();
    for (const [token, { deadline, reject }] of this.waiting) {
      if (deadline > now) {
        this.timer = setTimeout(() => this.expire(), deadline - now);
        return;
      }
      this.waiting.delete(token);
      reject(new TimeoutError());
    }
  }

  private breakOff(error: Error): void {
    this.broken = true;
    clearTimeout(this.timer);
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  /** The broker tells of each message that may not be published, by its subject alone. */
  private async followRefusals(): Promise<void> {
    for await (const status of this.nats.status()) {
      if (this.broken) return;
      const error = status.type === 'error' ? status.error : undefined;
      if (!(error instanceof PermissionViolationError) || error.operation !== 'publish') continue;
      for (const [token, { subject, reject }] of this.waiting) {
        if (subject !== error.subject) continue;
        this.waiting.delete(token);
        reject(error);
        break;
      }
    }
  }
}

function readReply(reply: Msg, subject: string): PubAck {
  if (reply.data.length === 0 && reply.headers?.code === NO_RESPONDERS) {
    throw new JetStreamError('jetstream is not enabled', { cause: new NoRespondersError(subject) });
  }
  const answer = reply.json<PubAck & { error?: ConstructorParameters<typeof JetStreamApiError>[0] }>();
  if (answer.error !== undefined) throw new JetStreamApiError(answer.error);
  if (answer.stream === '') throw new Error('invalid ack response');
  return answer;
}
