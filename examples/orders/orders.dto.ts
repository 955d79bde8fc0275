import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsEmail,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsPositive,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

export class CreateOrderItemDto {
  @IsOptional()
  @IsString()
  @Length(1, 100)
  productId?: string;

  @IsString()
  @Length(1, 250)
  name!: string;

  /** Major units: 19.99. */
  @IsNumber({ maxDecimalPlaces: 4 })
  @IsPositive()
  @Max(1_000_000)
  price!: number;

  @IsInt()
  @Min(1)
  @Max(10_000)
  quantity!: number;
}

export class CheckoutCustomerDto {
  @IsString()
  @Length(1, 250)
  name!: string;

  @IsEmail()
  email!: string;

  @IsString()
  @Length(7, 24)
  phone!: string;
}

/** How the customer wants to pay; passed on to the payments service, which says what is possible. */
export class CheckoutDto {
  @IsOptional()
  @IsString()
  @Length(1, 32)
  provider?: string;

  @IsOptional()
  @IsIn(['hosted', 'embedded'])
  ui?: 'hosted' | 'embedded';

  @IsOptional()
  @IsString({ each: true })
  @ArrayMaxSize(10)
  paymentMethods?: string[];

  @IsOptional()
  @ValidateNested()
  @Type(() => CheckoutCustomerDto)
  customer?: CheckoutCustomerDto;
}

export class CreateOrderDto {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => CreateOrderItemDto)
  items!: CreateOrderItemDto[];

  /** ISO 4217, either case. */
  @Matches(/^[A-Za-z]{3}$/)
  currency!: string;

  @IsOptional()
  @ValidateNested()
  @Type(() => CheckoutDto)
  checkout?: CheckoutDto;
}

export class FindOneOrderDto {
  @IsUUID()
  id!: string;
}
