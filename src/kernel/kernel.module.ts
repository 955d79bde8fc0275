import { Global, Module } from '@nestjs/common';
import { Clock, SystemClock } from './clock.js';
import { Ids, UuidV7Ids } from './ids.js';

/** Time and identifiers for everybody; a simulation replaces both. */
@Global()
@Module({
  providers: [
    { provide: Clock, useClass: SystemClock },
    { provide: Ids, inject: [Clock], useFactory: (clock: Clock) => new UuidV7Ids(clock) },
  ],
  exports: [Clock, Ids],
})
export class KernelModule {}
