import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ServiceSettings } from '../config/settings.js';
import { AccessGuard } from './access/access.guard.js';
import { PublicRateLimit } from './access/public.rate-limit.js';
import { ErrorFilter } from './filters/error.filter.js';
import { IdempotencyService } from './idempotency/idempotency.service.js';
import { IdempotencyStore } from './idempotency/idempotency.store.js';
import { PinoLogger } from './logging/pino.logger.js';
import { RequestPipe } from './validation/request.pipe.js';

/**
 * What every controller stands on: keys, validation, errors, logs, idempotency. A hybrid application must
 * connect its microservice with `{ inheritAppConfig: true }`, so that these hold over NATS too.
 */
@Global()
@Module({
  providers: [
    {
      provide: PinoLogger,
      inject: [ServiceSettings],
      useFactory: (settings: ServiceSettings) => new PinoLogger(settings),
    },
    PublicRateLimit,
    IdempotencyStore,
    IdempotencyService,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_PIPE, useClass: RequestPipe },
    { provide: APP_FILTER, useClass: ErrorFilter },
  ],
  exports: [PinoLogger, PublicRateLimit, IdempotencyStore, IdempotencyService],
})
export class HttpModule {}
