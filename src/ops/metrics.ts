import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { within } from '../kernel/clock.js';
import { Patience, withPatience } from '../kernel/patience.js';

const FAST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const PROVIDER_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 40, 80];
const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const GAUGE_LIMIT_MS = 2_000;

/** Labels are words from short lists (a provider, an outcome, a route's pattern), never an id or a customer's data. */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();
  private scrape: Promise<string> | undefined;

  readonly webhooksReceived = this.counter(
    'webhooks_received_total',
    'Webhook deliveries: new, duplicate, altered, quarantined, refused, failed.',
    ['provider', 'outcome'],
  );
  readonly webhookAckSeconds = this.histogram(
    'webhook_ack_seconds',
    'Seconds from the verification of a webhook to its commit.',
    ['provider'],
    FAST_SECONDS,
  );
  readonly inboxBatchSize = this.histogram(
    'inbox_batch_size',
    'Webhooks written by one group commit.',
    [],
    BATCH_SIZES,
  );
  readonly factsApplied = this.counter(
    'facts_applied_total',
    'Facts by what they did: applied, stale, parked, ignored, conflict.',
    ['provider', 'fact', 'outcome'],
  );
  readonly outboxPublished = this.counter(
    'outbox_published_total',
    'Events accepted by their receiver, by channel.',
    ['channel'],
  );
  readonly providerCalls = this.counter(
    'provider_calls_total',
    'Calls to payment providers by kind (read, write) and outcome: done, refused, unavailable, unknown.',
    ['provider', 'kind', 'outcome'],
  );
  readonly providerCallSeconds = this.histogram(
    'provider_call_seconds',
    'Seconds that a call to a payment provider took.',
    ['provider', 'kind'],
    PROVIDER_SECONDS,
  );
  readonly httpRequestSeconds = this.histogram(
    'http_request_seconds',
    'Seconds from a request to its answer, by route pattern.',
    ['route', 'method', 'status'],
    FAST_SECONDS,
  );
  private readonly gaugeFailures = this.counter(
    'gauge_read_failures_total',
    'Gauges that could not be read when they were asked for.',
    ['gauge'],
  );

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /**
   * A gauge that is read at each scrape; NaN, and counted as a failure, where `read` fails or takes more than 2 s. Then
   * the database is told to stop, too.
   */
  gaugeFrom(name: string, help: string, read: () => number | Promise<number>): void {
    const failures = this.gaugeFailures;
    new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        try {
          const reading = withPatience(new Patience(GAUGE_LIMIT_MS), async () => read());
          this.set(await within(GAUGE_LIMIT_MS, reading));
        } catch {
          this.set(Number.NaN);
          failures.inc({ gauge: name });
        }
      },
    });
  }

  /** The text of Prometheus' exposition format. Callers at the same time share one reading of the gauges. */
  text(): Promise<string> {
    this.scrape ??= this.registry.metrics().finally(() => (this.scrape = undefined));
    return this.scrape;
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  private counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]) {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ) {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}

/** One reading for all that ask while it is under way, such as the gauges of one scrape. */
export function sharedRead<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read().finally(() => (reading = undefined)));
}

/** Times every answer by its route's pattern; unknown paths share one label. */
export function timeRequests(server: FastifyInstance, metrics: Metrics): void {
  server.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request;
    const labels = { route: routeOptions.url ?? 'unmatched', method, status: String(reply.statusCode) };
    metrics.httpRequestSeconds.observe(labels, reply.elapsedTime / 1_000);
    done();
  });
}
