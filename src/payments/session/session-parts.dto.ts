import { ApiProperty, PickType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsDefined,
  IsInt,
  IsISO31661Alpha2,
  IsNumber,
  IsOptional,
  Matches,
  Min,
  ValidateNested,
} from 'class-validator';
import { CustomerPersonDto, PHONE, PHONE_RULE } from '../../customers/customer/customer.dto.js';
import { MajorUnits, MinorUnits, WholeNumber } from '../../http/validation/number.rules.js';
import { NoCardNumber, PlainText } from '../../http/validation/text.rules.js';

const MAX_ITEM_NAME = 500;
/** As the smaller of the providers takes it. */
const MAX_PLACE = 249;

/** One line of the purchase: exactly one of `price` and `unitAmount`. */
export class SessionItemDto {
  /** What the customer reads on the checkout page. */
  @PlainText({ max: MAX_ITEM_NAME })
  @NoCardNumber()
  @ApiProperty({ maxLength: MAX_ITEM_NAME })
  name!: string;

  /** Major units, such as 19.99. */
  @IsOptional()
  @MajorUnits()
  price?: number;

  /** Minor units by ISO 4217, such as 1999 for 19.99 USD or 500 for 500 JPY. */
  @IsOptional()
  @MinorUnits()
  unitAmount?: number;

  @WholeNumber({ min: 1, max: 999_999 })
  quantity!: number;
}

/** A tax, a shipping cost or a discount: exactly one of `price` and `unitAmount`, never below zero; 0 is free. */
export class SessionAdjustmentDto extends PickType(SessionItemDto, ['name']) {
  /** Major units, such as 19.99. */
  @IsOptional()
  @IsNumber({ allowNaN: false, allowInfinity: false }, { message: '$property must be a number' })
  @Min(0, { message: '$property must not be less than zero' })
  price?: number;

  /** Minor units by ISO 4217. */
  @IsOptional()
  @IsInt({ message: '$property must be a whole number of minor units' })
  @Min(0, { message: '$property must not be less than zero' })
  unitAmount?: number;
}

/** Where physical goods go. */
export class ShippingAddressDto {
  /** Street and number. */
  @PlainText({ min: 2, max: MAX_PLACE })
  street1!: string;

  /** Apartment, suite, or what else finds it. */
  @IsOptional()
  @PlainText({ max: MAX_PLACE })
  street2?: string;

  @PlainText({ max: 20 })
  postalCode!: string;

  @IsOptional()
  @PlainText({ max: MAX_PLACE })
  city?: string;

  @IsOptional()
  @PlainText({ max: MAX_PLACE })
  state?: string;

  /** ISO 3166-1 alpha-2, either case. */
  @IsISO31661Alpha2({ message: '$property must be a country code of two letters such as MX' })
  country!: string;
}

/** Whom physical goods go to, and where. */
export class ShippingContactDto {
  @PlainText({ max: MAX_PLACE })
  @NoCardNumber()
  receiver!: string;

  @Matches(PHONE, { message: PHONE_RULE })
  @NoCardNumber()
  phone!: string;

  @IsDefined({ message: '$property is required' })
  @ValidateNested()
  @Type(() => ShippingAddressDto)
  address!: ShippingAddressDto;
}

/** Who pays, as far as the caller knows. */
export class SessionCustomerDto extends PickType(CustomerPersonDto, ['name', 'email', 'phone']) {}
