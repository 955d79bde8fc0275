import { flag, ignored, integer, list, oneOf, shape, text, unplayed, type ParamsOf } from './rules.js';
import { created, expand, listFields, metadata, sessionShipping } from './shared.params.js';
import { ALLOWED_METHODS, EXCLUDABLE_METHODS, LOCALES } from './values.js';

const productData = shape(
  {
    name: text(),
    description: text(),
    images: list(text(), { max: 8 }),
    metadata,
    tax_code: text(),
    tax_details: ignored('performance_location', 'tax_code'),
    unit_label: text(),
  },
  ['name'],
);

const priceData = shape(
  {
    currency: text(),
    product: text(),
    product_data: productData,
    recurring: ignored('interval', 'interval_count'),
    tax_behavior: oneOf('unspecified', 'exclusive', 'inclusive'),
    unit_amount: integer({ min: 0 }),
    unit_amount_decimal: text(),
  },
  ['currency'],
);

const lineItem = shape({
  adjustable_quantity: ignored('enabled', 'maximum', 'minimum'),
  metadata,
  price: text(),
  price_data: priceData,
  quantity: integer({ min: 0 }),
  tax_rates: list(text()),
});

const paymentIntentData = shape({
  application_fee_amount: integer({ min: 0 }),
  capture_method: oneOf('automatic', 'automatic_async', 'manual'),
  description: text(),
  metadata,
  on_behalf_of: text(),
  receipt_email: text(),
  setup_future_usage: oneOf('off_session', 'on_session'),
  shipping: sessionShipping,
  statement_descriptor: text({ max: 22 }),
  statement_descriptor_suffix: text({ max: 22 }),
  transfer_data: ignored('amount', 'destination'),
  transfer_group: text(),
});

const whenAvailable = oneOf('if_available', 'never');

const methodOptions = shape({
  card: shape({
    capture_method: oneOf('manual'),
    installments: shape({ enabled: flag }),
    request_extended_authorization: whenAvailable,
    request_incremental_authorization: whenAvailable,
    request_multicapture: whenAvailable,
    request_overcapture: whenAvailable,
    request_three_d_secure: oneOf('any', 'automatic', 'challenge'),
    restrictions: ignored('brands_blocked', 'funding_types_blocked'),
    setup_future_usage: oneOf('off_session', 'on_session'),
    statement_descriptor_suffix_kana: text(),
    statement_descriptor_suffix_kanji: text(),
  }),
  customer_balance: shape({
    bank_transfer: shape(
      {
        eu_bank_transfer: ignored('country'),
        requested_address_types: list(oneOf('aba', 'iban', 'sepa', 'sort_code', 'spei', 'swift', 'zengin')),
        type: oneOf(
          'eu_bank_transfer',
          'gb_bank_transfer',
          'jp_bank_transfer',
          'mx_bank_transfer',
          'us_bank_transfer',
        ),
      },
      ['type'],
    ),
    funding_type: oneOf('bank_transfer'),
    setup_future_usage: oneOf('none'),
  }),
  link: ignored(),
  oxxo: shape({
    expires_after_days: integer({ min: 1, max: 7 }),
    setup_future_usage: oneOf('none'),
  }),
});

export const sessionCreate = shape(
  {
    adaptive_pricing: ignored('enabled'),
    after_expiration: shape({
      recovery: shape({ allow_promotion_codes: flag, enabled: flag }, ['enabled']),
    }),
    allow_promotion_codes: flag,
    allowed_payment_method_types: list(oneOf(...ALLOWED_METHODS)),
    automatic_tax: ignored('enabled', 'liability'),
    billing_address_collection: oneOf('auto', 'required'),
    branding_settings: ignored(
      'background_color',
      'border_style',
      'button_color',
      'display_name',
      'font_family',
      'icon',
      'logo',
    ),
    cancel_url: text(),
    client_reference_id: text({ max: 200 }),
    consent_collection: ignored('payment_method_reuse_agreement', 'promotions', 'terms_of_service'),
    currency: text(),
    custom_fields: ignored(),
    custom_text: ignored('after_submit', 'shipping_address', 'submit', 'terms_of_service_acceptance'),
    customer: text(),
    customer_account: text(),
    customer_creation: oneOf('always', 'if_required'),
    customer_email: text({ max: 800 }),
    customer_update: ignored('address', 'name', 'shipping'),
    discounts: list(shape({ coupon: text(), promotion_code: unplayed }), { max: 1 }),
    excluded_payment_method_types: list(oneOf(...EXCLUDABLE_METHODS)),
    expand,
    expires_at: integer(),
    integration_identifier: text(),
    invoice_creation: ignored('enabled', 'invoice_data'),
    line_items: list(lineItem, { max: 100 }),
    locale: oneOf(...LOCALES),
    managed_payments: ignored('enabled'),
    metadata,
    mode: oneOf('payment', 'setup', 'subscription'),
    name_collection: ignored('business', 'individual'),
    optional_items: unplayed,
    origin_context: oneOf('mobile_app', 'web'),
    payment_intent_data: paymentIntentData,
    payment_method_collection: oneOf('always', 'if_required'),
    payment_method_configuration: text(),
    payment_method_data: ignored('allow_redisplay'),
    payment_method_options: methodOptions,
    permissions: ignored('update_shipping_details'),
    phone_number_collection: shape({ enabled: flag }, ['enabled']),
    redirect_on_completion: oneOf('always', 'if_required', 'never'),
    return_url: text(),
    saved_payment_method_options: ignored(
      'allow_redisplay_filters',
      'payment_method_remove',
      'payment_method_save',
    ),
    setup_intent_data: shape({ description: text(), metadata, on_behalf_of: text() }),
    shipping_address_collection: ignored('allowed_countries'),
    shipping_options: unplayed,
    submit_type: oneOf('auto', 'book', 'donate', 'pay', 'subscribe'),
    subscription_data: unplayed,
    success_url: text(),
    tax_id_collection: ignored('enabled', 'required'),
    ui_mode: oneOf('elements', 'embedded_page', 'form', 'hosted_page'),
    wallet_options: ignored('link'),
  },
  ['mode'],
);
export type SessionCreateParams = ParamsOf<typeof sessionCreate>;
export type LineItemParams = ParamsOf<typeof lineItem>;
export type MethodOptionsParams = ParamsOf<typeof methodOptions>;

export const sessionUpdate = shape({
  collected_information: unplayed,
  expand,
  line_items: unplayed,
  metadata,
  payment_intent_data: unplayed,
  shipping_options: unplayed,
});
export const sessionRetrieve = shape({ expand });
export const sessionExpire = shape({ expand });
export const sessionLines = shape(listFields);
export const sessionList = shape({
  ...listFields,
  created,
  customer: text(),
  customer_account: text(),
  customer_details: shape({ email: text() }, ['email']),
  payment_intent: text(),
  payment_link: text(),
  status: oneOf('complete', 'expired', 'open'),
  subscription: text(),
});
