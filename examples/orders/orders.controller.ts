import { Body, Controller, Get, Header, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { PaymentSession } from 'payments-client';
import type { Order } from './order.js';
import { CreateOrderDto, FindOneOrderDto } from './orders.dto.js';
import { ordersPage } from './orders.page.js';
import { OrdersService } from './orders.service.js';

/** The same orders for other services over NATS and for a human over HTTP. */
@Controller()
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @MessagePattern('createOrder')
  createOrder(@Payload() order: CreateOrderDto): Promise<{ order: Order; paymentSession: PaymentSession }> {
    return this.orders.create(order);
  }

  @MessagePattern('findOneOrder')
  findOneOrder(@Payload() { id }: FindOneOrderDto): Promise<Order> {
    return this.orders.findOne(id);
  }

  @Post('orders')
  create(@Body() order: CreateOrderDto): Promise<{ order: Order; paymentSession: PaymentSession }> {
    return this.orders.create(order);
  }

  @Get('orders')
  findLatest(): Promise<Order[]> {
    return this.orders.findLatest();
  }

  @Get('orders/:id')
  findOne(@Param('id', ParseUUIDPipe) id: string): Promise<Order> {
    return this.orders.findOne(id);
  }

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  async page(): Promise<string> {
    return ordersPage(await this.orders.findLatest());
  }
}
