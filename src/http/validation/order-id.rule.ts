import { buildMessage, ValidateBy } from 'class-validator';
import { isOrderNumber } from '../../kernel/order.id.js';
import { isPlainText } from './plain-text.rule.js';

export const MAX_ORDER_ID = 200;

/** An order as its owner names it: one line of text, or a whole number from 0 that JSON readers do not round. */
export function OrderId(): PropertyDecorator {
  return ValidateBy({
    name: 'orderId',
    validator: {
      validate: (value: unknown) => isOrderNumber(value) || isPlainText(value, { max: MAX_ORDER_ID }),
      defaultMessage: buildMessage(
        (each) =>
          `${each}$property must be one line of text of 1 to ${MAX_ORDER_ID} characters, or a whole number`,
      ),
    },
  });
}
