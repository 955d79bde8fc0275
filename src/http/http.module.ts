import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ServiceSettings } from '../config/settings.js';
import { AccessGuard } from './access/access.guard.js';
import { ErrorFilter } from './filters/error.filter.js';
import { IdempotencyService } from './idempotency/idempotency.service.js';
import { IdempotencyStore } from './idempotency/idempotency.store.js';
import { PinoLogger } from './logging/pino.logger.js';
import { RequestPipe } from './validation/request.pipe.js';

/** Keys, validation, errors, logs, idempotency; over NATS too, when connected with `{ inheritAppConfig: true }`. */
@Global()
@Module({
  providers: [
    {
      provide: PinoLogger,
      inject: [ServiceSettings],
      useFactory: (settings: ServiceSettings) => new PinoLogger(settings),
    },
    IdempotencyStore,
    IdempotencyService,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_PIPE, useClass: RequestPipe },
    { provide: APP_FILTER, useClass: ErrorFilter },
  ],
  exports: [PinoLogger, IdempotencyStore, IdempotencyService],
})
export class HttpModule {}
