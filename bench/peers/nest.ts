import 'reflect-metadata';
import {
  BadRequestException,
  Controller,
  Get,
  Headers,
  HttpCode,
  Inject,
  Module,
  Post,
  type RawBodyRequest,
  Req,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientNats, ClientsModule, Transport } from '@nestjs/microservices';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { IncomingMessage } from 'node:http';
import Stripe from 'stripe';

const NATS = 'NATS';

/** What such services commonly do: verify, `emit`, answer. Nothing is stored. */
@Controller()
class WebhookController {
  constructor(@Inject(NATS) private readonly client: ClientNats) {}

  @Post('webhooks/stripe')
  @HttpCode(200)
  receive(@Req() request: RawBodyRequest<IncomingMessage>, @Headers('stripe-signature') signature: string) {
    let event: Stripe.Event;
    try {
      event = Stripe.webhooks.constructEvent(
        request.rawBody ?? Buffer.alloc(0),
        signature,
        process.env.STRIPE_ENDPOINT_SECRET ?? '',
      );
    } catch {
      throw new BadRequestException('signature');
    }
    if (event.type === 'charge.succeeded') {
      const { id, metadata, receipt_url: receiptUrl } = event.data.object;
      this.client.emit('payment.succeeded', { stripePaymentId: id, orderId: metadata.orderId, receiptUrl });
    }
    return { received: true };
  }

  @Get('health/ready')
  ready() {
    return { status: 'ok' };
  }
}

@Module({
  imports: [
    ClientsModule.register([
      { name: NATS, transport: Transport.NATS, options: { servers: [process.env.NATS_SERVERS ?? ''] } },
    ]),
  ],
  controllers: [WebhookController],
})
class AppModule {}

const app = await NestFactory.create<NestExpressApplication>(AppModule, { rawBody: true });
await app.listen(Number(process.env.PORT), '127.0.0.1');
