import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AllowRoles } from '../../http/access/access.guard.js';
import { type Caller, CurrentCaller } from '../../http/access/caller.js';
import {
  DeletedEndpointAnswer,
  EndpointAnswer,
  EndpointListAnswer,
  ListEndpointsDto,
  PingedEndpointAnswer,
  RegisterEndpointDto,
  RotatedEndpointAnswer,
} from './endpoint.dto.js';
import { EndpointsService } from './endpoints.service.js';

@ApiTags('webhooks')
@ApiBearerAuth()
@AllowRoles('operator')
@Controller('endpoints')
export class EndpointsHttpController {
  constructor(private readonly endpoints: EndpointsService) {}

  /** The webhook endpoints that this service registered, and those that exist at the providers only. */
  @Get()
  async list(@Query() { provider }: ListEndpointsDto): Promise<EndpointListAnswer> {
    return { data: await this.endpoints.list(provider) };
  }

  /** Registers an endpoint at the provider, and accepts its key from then on. 200 when it is registered already. */
  @Post()
  @ApiCreatedResponse({ type: EndpointAnswer })
  @ApiOkResponse({ type: EndpointAnswer })
  async register(
    @Body() body: RegisterEndpointDto,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EndpointAnswer> {
    const { endpoint, created } = await this.endpoints.register(body, caller.name);
    reply.status(created ? 201 : 200);
    return endpoint;
  }

  /** Deletes it at the provider. What it signs is refused from then on, by every process within 10 s. */
  @Delete(':id')
  delete(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<DeletedEndpointAnswer> {
    return this.endpoints.delete(id, caller.name);
  }

  /** Has the provider send a test event. */
  @Post(':id/ping')
  @HttpCode(200)
  ping(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<PingedEndpointAnswer> {
    return this.endpoints.ping(id, caller.name);
  }

  /**
   * Makes a new key and ends the old one at the provider; what was signed with the old one is accepted for 24 h more.
   * Takes over an endpoint that this service did not register.
   */
  @Post(':id/rotate')
  @HttpCode(200)
  rotate(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<RotatedEndpointAnswer> {
    return this.endpoints.rotate(id, caller.name);
  }
}
