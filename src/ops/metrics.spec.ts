import { describe, expect, it } from '@jest/globals';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Metrics, sharedRead, timeRequests } from './metrics.js';
import { MetricsHttpController } from './ops.http.controller.js';

const COMMENT = /^# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .+$/;
const SAMPLE =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-zA-Z_]\w*="[^"]*"(,[a-zA-Z_]\w*="[^"]*")*\})? (-?[\d.]+(e[+-]?\d+)?|NaN|Nan|[+-]Inf)$/;

async function serve(metrics: Metrics): Promise<NestFastifyApplication> {
  const module = await Test.createTestingModule({
    controllers: [MetricsHttpController],
    providers: [{ provide: Metrics, useValue: metrics }],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  timeRequests(app.getHttpAdapter().getInstance(), metrics);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

describe('metrics', () => {
  it('are served as Prometheus reads them, the process itself among them', async () => {
    const metrics = new Metrics();
    metrics.webhooksReceived.inc({ provider: 'stripe', outcome: 'stored' });
    metrics.inboxBatchSize.observe(7);
    metrics.gaugeFrom('inbox_pending', 'Webhooks waiting.', () => 3);
    const app = await serve(metrics);
    const { headers, body } = await app.inject('/metrics');
    await app.close();
    expect(headers['content-type']).toContain('text/plain; version=0.0.4');
    const strange = body
      .split('\n')
      .filter((line) => line !== '' && !COMMENT.test(line) && !SAMPLE.test(line));
    expect(strange).toEqual([]);
    expect(body).toContain('webhooks_received_total{provider="stripe",outcome="stored"} 1');
    expect(body).toContain('inbox_batch_size_bucket{le="10"} 1');
    expect(body).toContain('inbox_pending 3');
    expect(body).toContain('process_cpu_seconds_total');
  });

  it('time each request by its route pattern, never by its URL', async () => {
    const metrics = new Metrics();
    const app = await serve(metrics);
    await app.inject('/metrics?who=ana@example.com');
    await app.inject('/payments/ana@example.com');
    await app.close();
    const text = await metrics.text();
    expect(text).toContain('http_request_seconds_count{route="/metrics",method="GET",status="200"} 1');
    expect(text).toContain('http_request_seconds_count{route="unmatched",method="GET",status="404"} 1');
    expect(text).not.toContain('ana@example.com');
  });

  it('are served when a gauge cannot be read, which is counted', async () => {
    const metrics = new Metrics();
    let away = true;
    metrics.gaugeFrom('outbox_pending', 'Events waiting.', () => {
      if (away) throw new Error('no database');
      return 5;
    });
    metrics.gaugeFrom('outbox_dead', 'Dead letters.', () => Promise.resolve(1));
    const first = await metrics.text();
    expect(first).toMatch(/^outbox_pending NaN$/im);
    expect(first).toMatch(/^outbox_dead 1$/m);
    away = false;
    const second = await metrics.text();
    expect(second).toMatch(/^outbox_pending 5$/m);
    expect(second).toContain('gauge_read_failures_total{gauge="outbox_pending"} 1');
  });

  it('read each gauge once for callers at the same time', async () => {
    const metrics = new Metrics();
    let reads = 0;
    metrics.gaugeFrom('inbox_oldest_seconds', 'Age.', () => Promise.resolve((reads += 1)));
    await Promise.all([metrics.text(), metrics.text(), metrics.text()]);
    expect(reads).toBe(1);
    await metrics.text();
    expect(reads).toBe(2);
  });

  it('share one reading at each scrape where they are told of by one', async () => {
    const metrics = new Metrics();
    let reads = 0;
    const backlog = sharedRead(() => Promise.resolve((reads += 1)));
    metrics.gaugeFrom('outbox_pending', 'Events waiting.', backlog);
    metrics.gaugeFrom('outbox_dead', 'Dead letters.', backlog);
    await metrics.text();
    expect(await metrics.text()).toMatch(/^outbox_pending 2$[^]*^outbox_dead 2$/m);
  });

  it('refuse a second gauge of one name', () => {
    const metrics = new Metrics();
    metrics.gaugeFrom('orders_unconfirmed', 'Orders.', () => 0);
    expect(() => metrics.gaugeFrom('orders_unconfirmed', 'Orders.', () => 0)).toThrow(
      /already been registered/,
    );
  });
});
