import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsNumber, IsPositive, Max, Min } from 'class-validator';

interface Bounds {
  min: number;
  max: number;
  /** What is counted, in the plural: `a whole number of tries`. */
  of?: string;
  /** In the singular, beside the bounds: `at least 1 hour`. */
  unit?: string;
}

/** A whole number from `min` to `max`. */
export function WholeNumber({ min, max, of, unit }: Bounds): PropertyDecorator {
  const inUnits = (bound: number): string =>
    unit === undefined ? `${bound}` : `${bound} ${unit}${bound === 1 ? '' : 's'}`;
  const least = min === 0 ? 'must not be negative' : `must be at least ${inUnits(min)}`;
  return applyDecorators(
    Max(max, { message: `$property must be at most ${inUnits(max)}` }),
    Min(min, { message: `$property ${least}` }),
    IsInt({
      message:
        of === undefined ? '$property must be a whole number' : `$property must be a whole number of ${of}`,
    }),
    ApiProperty({ minimum: min, maximum: max }),
  );
}

/** More than nothing, in minor units by ISO 4217. */
export function MinorUnits(): PropertyDecorator {
  return applyDecorators(
    IsPositive({ message: '$property must be greater than zero' }),
    IsInt({ message: '$property must be a whole number of minor units' }),
    ApiProperty({ minimum: 1 }),
  );
}

/** More than nothing, in major units. */
export function MajorUnits(): PropertyDecorator {
  return applyDecorators(
    IsPositive({ message: '$property must be greater than zero' }),
    IsNumber({ allowNaN: false, allowInfinity: false }, { message: '$property must be a number' }),
    ApiProperty({ minimum: 0, exclusiveMinimum: true }),
  );
}
