import { Body, Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../http/access/access.guard.js';
import { RawBody } from '../http/body/body.parsers.js';
import { DEFAULT_PROVIDER } from '../providers/provider.registry.js';
import { WebhookIntake } from './webhook.intake.js';

const OLD_PATHS = [
  'payments/webhook',
  'api/payments/webhook',
  'payment/webhook',
  'payments/stripe-webhook',
  'payments/hook',
];

/** Where the providers report. 200 exactly when the event is durably stored. */
@ApiTags('webhooks')
@Public()
@Controller()
export class WebhooksHttpController {
  constructor(private readonly intake: WebhookIntake) {}

  /** An event of a provider, signed by it. */
  @Post('webhooks/:provider')
  @RawBody()
  @HttpCode(200)
  async receive(@Param('provider') provider: string, @Body() body: Buffer, @Req() request: FastifyRequest) {
    const { rawHeaders, url = '' } = request.raw;
    const at = url.indexOf('?');
    await this.intake.take(provider, { body, rawHeaders, query: at === -1 ? '' : url.slice(at + 1) });
    return { received: true };
  }

  /** The paths of the services that this one replaces. */
  @Post(OLD_PATHS)
  @RawBody()
  @HttpCode(200)
  receiveOld(@Body() body: Buffer, @Req() request: FastifyRequest) {
    return this.receive(DEFAULT_PROVIDER, body, request);
  }
}
