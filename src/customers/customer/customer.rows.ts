import { Injectable } from '@nestjs/common';
import { CardStore } from '../card/card.store.js';
import { AccountStore } from './account.store.js';
import { CustomerStore } from './customer.store.js';

/** What a customer consists of. */
@Injectable()
export class CustomerRows {
  constructor(
    readonly customers: CustomerStore,
    readonly accounts: AccountStore,
    readonly cards: CardStore,
  ) {}
}
