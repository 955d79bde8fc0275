import { IsUUID } from 'class-validator';
import { CustomerPersonDto } from './create-customer.dto.js';

/** What is absent stays as it is; `metadata` takes the place of all that was there. */
export class UpdateCustomerDto extends CustomerPersonDto {}

export class CustomerIdDto {
  @IsUUID(undefined, { message: '$property must be the id of a customer' })
  customerId!: string;
}

/** The same over NATS. */
export class UpdateNamedCustomerDto extends CustomerPersonDto {
  @IsUUID(undefined, { message: '$property must be the id of a customer' })
  customerId!: string;
}
