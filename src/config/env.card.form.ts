import Joi from 'joi';

const colour = Joi.string()
  .pattern(/^#[0-9a-fA-F]{6}$/)
  .messages({ 'string.pattern.base': '{{#label}} must be a colour such as #301007' });

const CARD_FORM_STYLE = Joi.object({
  inputType: Joi.valid('basic', 'rounded', 'line'),
  buttonType: Joi.valid('basic', 'rounded', 'sharp'),
  borderColors: Joi.object({ empty: colour, invalid: colour, valid: colour }),
  button: Joi.object({ text: Joi.string().max(40), textColor: colour, backgroundColor: colour }),
  frame: Joi.object({ textColor: colour, backgroundColor: colour }),
  language: Joi.valid('es', 'en'),
});

/** JSON: how a form for a card looks. */
export function cardFormStyle(): Joi.AnySchema {
  return Joi.any()
    .empty('')
    .custom((value: unknown, helpers) => {
      const json = parseJson(String(value));
      if (json === undefined) return helpers.message({ custom: '{{#label}} must be JSON' });
      const { error, value: style } = CARD_FORM_STYLE.validate(json, { errors: { wrap: { label: false } } });
      return error === undefined ? style : helpers.message({ custom: `{{#label}}: ${error.message}` });
    });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
