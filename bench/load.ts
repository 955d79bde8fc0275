import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * One kept connection, one request at a time. Written by hand because it shares two cores with what is measured: a
 * request costs a tenth of what a client library takes for it.
 */
export class HttpLine {
  private received = '';
  private waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1').setNoDelay(true);
    socket.on('data', (text) => this.take(String(text)));
    const broke = (): void => this.settle()?.reject(new Error('the connection broke'));
    socket.on('error', broke).on('close', broke);
  }

  static async open(url: string): Promise<HttpLine> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    return new HttpLine(socket);
  }

  send(request: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private take(text: string): void {
    this.received += text;
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.received.slice(0, end + 2))?.[1];
    if (length === undefined) throw new Error(`an answer without a length: ${this.received.slice(0, end)}`);
    const whole = end + 4 + Number(length);
    if (this.received.length < whole) return;
    const answer = { status: Number(this.received.slice(9, 12)), body: this.received.slice(end + 4, whole) };
    this.received = this.received.slice(whole);
    this.settle()?.resolve(answer);
  }

  private settle(): typeof this.waiting {
    const { waiting } = this;
    this.waiting = undefined;
    return waiting;
  }
}

/** One caller's next request: it may be given to any of the processes. */
export type Step = (line: HttpLine) => Promise<unknown>;

export const CALLERS = 64;

/** Connections, shared among the processes in turn. */
export function openLines(urls: readonly string[], count = CALLERS): Promise<HttpLine[]> {
  return Promise.all(Array.from({ length: count }, (_, at) => HttpLine.open(urls[at % urls.length] ?? '')));
}

/** Each line sends its next request when the last one is through: as much as goes. @returns how many steps a second. */
export async function closedLoop(lines: readonly HttpLine[], seconds: number, step: Step): Promise<number> {
  const started = performance.now();
  const until = started + seconds * 1000;
  let count = 0;
  await Promise.all(
    lines.map(async (line) => {
      while (performance.now() < until) {
        await step(line);
        if (performance.now() < until) count += 1;
      }
    }),
  );
  return count / seconds;
}

/**
 * Requests at a fixed rate, whatever becomes of them. What finds no free line waits for one, and its latency counts from
 * when it should have been sent: a server that stalls is charged for everybody who would have come meanwhile.
 * @returns latencies in milliseconds
 */
export async function openLoop(
  lines: readonly HttpLine[],
  rate: number,
  seconds: number,
  step: Step,
): Promise<number[]> {
  const free = [...lines];
  const due: number[] = [];
  const latencies: number[] = [];
  const running: Promise<void>[] = [];
  const started = performance.now();
  const total = Math.max(Math.round(rate * seconds), 1);
  const run = async (line: HttpLine, intended: number): Promise<void> => {
    await step(line);
    latencies.push(performance.now() - intended);
    const next = due.shift();
    if (next === undefined) free.push(line);
    else await run(line, next);
  };
  for (let sent = 0; sent < total;) {
    const intended = started + (sent / rate) * 1000;
    if (performance.now() < intended) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    sent += 1;
    const line = free.pop();
    if (line === undefined) due.push(intended);
    else running.push(run(line, intended));
  }
  await Promise.all(running);
  return latencies;
}
