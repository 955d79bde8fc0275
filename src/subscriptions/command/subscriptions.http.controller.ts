import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiHeader, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentCaller } from '../../http/access/caller.js';
import { IdempotencyKey, IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import {
  CancelSubscriptionDto,
  CreateSubscriptionDto,
  ListSubscriptionsDto,
  newSubscription,
  UpdateSubscriptionDto,
} from '../subscription/subscription.dto.js';
import {
  SubscriptionDetails,
  SubscriptionList,
  SubscriptionResource,
} from '../subscription/subscription.view.js';
import { SubscriptionDirectory } from './subscription.directory.js';
import { SubscriptionsService } from './subscriptions.service.js';

@ApiTags('subscriptions')
@ApiBearerAuth()
@Controller('subscriptions')
export class SubscriptionsHttpController {
  constructor(
    private readonly subscriptions: SubscriptionsService,
    private readonly directory: SubscriptionDirectory,
    private readonly idempotency: IdempotencyService,
  ) {}

  /** Subscribes a customer to a plan, at the plan's provider. */
  @Post()
  @ApiCreatedResponse({ type: SubscriptionResource })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  create(
    @Body() body: CreateSubscriptionDto,
    @CurrentCaller() caller: Caller,
    @IdempotencyKey() key: string | undefined,
  ): Promise<unknown> {
    const asked = { caller: caller.group, key, operation: 'subscriptions.create', request: body };
    return this.idempotency.make(asked, (resource) =>
      this.subscriptions.create(newSubscription(body), caller, resource),
    );
  }

  /** Subscriptions, newest first. */
  @Get()
  list(@Query() query: ListSubscriptionsDto, @CurrentCaller() caller: Caller): Promise<SubscriptionList> {
    return this.directory.list(query, caller);
  }

  /** One subscription, with its latest cycles. */
  @Get(':id')
  get(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<SubscriptionDetails> {
    return this.directory.details(id, caller);
  }

  /** Changes the plan or the card. */
  @Patch(':id')
  update(
    @Param('id') id: string,
    @Body() body: UpdateSubscriptionDto,
    @CurrentCaller() caller: Caller,
  ): Promise<SubscriptionResource> {
    return this.subscriptions.update(id, body, caller);
  }

  /** Nothing is charged until it is resumed. Only an active one can be paused. */
  @Post(':id/pause')
  @HttpCode(200)
  pause(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<SubscriptionResource> {
    return this.subscriptions.change(id, [{ name: 'pause' }], caller);
  }

  /** Goes on with one that is paused. */
  @Post(':id/resume')
  @HttpCode(200)
  resume(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<SubscriptionResource> {
    return this.subscriptions.change(id, [{ name: 'resume' }], caller);
  }

  /** Ends a subscription for good: now, or with its present cycle. */
  @Post(':id/cancel')
  @HttpCode(200)
  cancel(
    @Param('id') id: string,
    @Body() body: CancelSubscriptionDto,
    @CurrentCaller() caller: Caller,
  ): Promise<SubscriptionResource> {
    return this.subscriptions.cancel(id, body, caller);
  }

  /** Takes back a cancel at the period's end. Where none is set, the subscription as it is; 409 once it has ended. */
  @Post(':id/undo-cancel')
  @HttpCode(200)
  undoCancel(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<SubscriptionResource> {
    return this.subscriptions.change(id, [{ name: 'undo_cancel' }], caller);
  }

  /** Charges the cycle that is not paid, now. */
  @Post(':id/retry')
  @HttpCode(200)
  retry(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<SubscriptionResource> {
    return this.subscriptions.change(id, [{ name: 'retry' }], caller);
  }
}
