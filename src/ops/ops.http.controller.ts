import { Controller, Get, Header, type OnModuleInit, Res } from '@nestjs/common';
import { ApiExcludeController, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AllowRoles, Public } from '../http/access/access.guard.js';
import { Metrics } from './metrics.js';
import { ReadinessRegistry, type ReadinessReport } from './readiness.js';

@ApiTags('health')
@Public()
@Controller('health')
export class HealthHttpController implements OnModuleInit {
  constructor(
    private readonly readiness: ReadinessRegistry,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    this.metrics.gaugeFrom('degraded', 'Things that this process works with and that are away.', async () => {
      const { degraded } = await this.readiness.report();
      return degraded.length;
    });
  }

  /** 200 for as long as the process runs: restart it when this stops answering. */
  @Get('live')
  @Header('cache-control', 'no-store')
  live(): object {
    return { status: 'ok' };
  }

  /**
   * 200 while webhooks can be taken, also when NATS, the stream, the orders service or a provider is away: `degraded`
   * says so. 503 without the database, with migrations to come, or while stopping.
   */
  @Get('ready')
  @Header('cache-control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessReport> {
    const report = await this.readiness.report();
    if (report.status === 'unavailable') reply.status(503);
    return report;
  }
}

/** For Prometheus, which can send a Bearer key. */
@ApiExcludeController()
@AllowRoles('operator', 'viewer')
@Controller('metrics')
export class MetricsHttpController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  show(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', this.metrics.contentType).header('cache-control', 'no-store');
    return this.metrics.text();
  }
}
