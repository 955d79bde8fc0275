import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../http/access/public.decorator.js';

/** For a person who opens the service's address: something is here, and it answers. */
@ApiExcludeController()
@Public()
@Controller()
export class RootHttpController {
  @Get()
  @Header('content-type', 'text/plain; charset=utf-8')
  show(): string {
    return 'payments service: running\n';
  }
}
