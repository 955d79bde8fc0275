import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AllowRoles } from '../http/access/allow-roles.decorator.js';
import { Metrics } from './metrics.js';

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
