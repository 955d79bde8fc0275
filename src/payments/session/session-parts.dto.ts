import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { IsInt, IsNumber, IsOptional, IsPositive, Max, Min } from 'class-validator';
import { CustomerPersonDto } from '../../customers/customer/create-customer.dto.js';
import { NoCardNumber } from '../../http/validation/card-number.rule.js';
import { PlainText } from '../../http/validation/plain-text.rule.js';

const MAX_ITEM_NAME = 500;
const MAX_QUANTITY = 999_999;

/** One line of the purchase: exactly one of `price` and `unitAmount`. */
export class SessionItemDto {
  /** What the customer reads on the checkout page. */
  @PlainText({ max: MAX_ITEM_NAME })
  @NoCardNumber()
  @ApiProperty({ maxLength: MAX_ITEM_NAME })
  name!: string;

  /** Major units, such as 19.99. */
  @IsOptional()
  @IsNumber({ allowNaN: false, allowInfinity: false }, { message: '$property must be a number' })
  @IsPositive({ message: '$property must be greater than zero' })
  // The plugin takes IsPositive for a minimum of 1, and 0.5 is a price.
  @ApiPropertyOptional({ minimum: 0, exclusiveMinimum: true })
  price?: number;

  /** Minor units by ISO 4217, such as 1999 for 19.99 USD or 500 for 500 JPY. */
  @IsOptional()
  @IsInt({ message: '$property must be a whole number of minor units' })
  @IsPositive({ message: '$property must be greater than zero' })
  unitAmount?: number;

  @IsInt({ message: '$property must be a whole number' })
  @Min(1, { message: '$property must be at least 1' })
  @Max(MAX_QUANTITY, { message: `$property must be at most ${MAX_QUANTITY}` })
  quantity!: number;
}

/** A tax, a shipping cost or a discount: exactly one of `price` and `unitAmount`, always positive. */
export class SessionAdjustmentDto extends PickType(SessionItemDto, ['name', 'price', 'unitAmount']) {}

/** Who pays, as far as the caller knows. */
export class SessionCustomerDto extends PickType(CustomerPersonDto, ['name', 'email', 'phone']) {}
