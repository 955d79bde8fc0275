import { Global, Module } from '@nestjs/common';
import { Clock } from './clock.js';
import { Ids } from './ids.js';

/** Time and identifiers for everybody; a simulation replaces both. */
@Global()
@Module({ providers: [Clock, Ids], exports: [Clock, Ids] })
export class KernelModule {}
