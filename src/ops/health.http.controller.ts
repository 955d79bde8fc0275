import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { Public } from '../http/access/public.decorator.js';
import { type Readiness, type ReadinessCheck, ReadinessRegistry } from './readiness.js';

const CHECK_LIMIT_MS = 2_000;
/** Anybody inside may ask as often as they like; the database is asked at most four times a second. */
const KEEP_ANSWER_MS = 250;

@ApiTags('health')
@Public()
@Controller('health')
export class HealthHttpController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: ReadinessRegistry,
  ) {}

  /** 200 for as long as the process runs: restart it when this stops answering. */
  @Get('live')
  @HealthCheck()
  live(): object {
    return { status: 'ok' };
  }

  /** 200 when work may be sent here; 503 with what is missing. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    const checks = this.readiness.checks.map((check) => () => this.indicate(check));
    return this.health.check([() => this.indicateProcess(), ...checks]);
  }

  private indicateProcess() {
    const indicator = this.indicators.check('process');
    return this.readiness.shuttingDown ? indicator.down('shutting down') : indicator.up();
  }

  private indicate(check: ReadinessCheck) {
    return this.indicators
      .check(check.name)
      .attempt(async () => {
        // What a failed check throws may name hosts; its own reasons do not.
        const answer = await check
          .check()
          .catch((): Readiness => ({ ok: false, reason: 'the check failed' }));
        if (!answer.ok) throw new Error(answer.reason);
      })
      .withTimeout(CHECK_LIMIT_MS)
      .cacheFor(KEEP_ANSWER_MS);
  }
}
