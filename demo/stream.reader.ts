import { expectThat } from './demo.failure.js';
import type { StreamClient, StreamEvent } from './stream.client.js';
import { until } from './until.js';

/** Hears every event of the stream once, from a moment on. */
export class StreamReader {
  private readonly heard: StreamEvent[] = [];

  private constructor(
    private readonly stream: StreamClient,
    private place: number,
  ) {}

  static async fromNowOn(stream: StreamClient): Promise<StreamReader> {
    return new StreamReader(stream, await stream.end());
  }

  /** All so far that are like this, oldest first. */
  async all(isMeant: (event: StreamEvent) => boolean): Promise<StreamEvent[]> {
    for (const event of await this.stream.eventsAfter(this.place)) {
      this.heard.push(event);
      this.place = event.seq;
    }
    return this.heard.filter(isMeant);
  }

  /**
   * Waits for as many as there are types.
   * @param from how many were taken before
   * @throws DemoFailure unless they are of these types, in this order
   */
  async next(
    isMeant: (event: StreamEvent) => boolean,
    from: number,
    types: readonly string[],
  ): Promise<StreamEvent[]> {
    const wanted = types.join(', ');
    const events = await until({
      what: `${wanted} on JetStream`,
      read: async () => (await this.all(isMeant)).slice(from),
      holds: ({ length }) => length >= types.length,
    });
    const came = events.map(({ type }) => type).join(', ');
    expectThat(came === wanted, `JetStream holds ${came}, not ${wanted}`);
    return events;
  }
}
