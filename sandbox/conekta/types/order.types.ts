import type { Channel, Charge, PaymentStatus } from './charge.types.js';
import type { List, Metadata } from './shared.types.js';

export interface LineItem {
  id: string;
  object: 'line_item';
  parent_id: string;
  name: string;
  unit_price: number;
  quantity: number;
  description?: string;
  sku?: string;
  brand?: string;
  tags?: string[];
  metadata: Metadata;
  antifraud_info: object;
}

export interface TaxLine {
  id: string;
  object: 'tax_line';
  parent_id: string;
  description: string;
  amount: number;
  metadata?: Metadata;
}

export interface ShippingLine {
  id: string;
  object: 'shipping_line';
  parent_id: string;
  amount: number;
  carrier?: string;
  method?: string;
  tracking_number?: string;
  metadata?: Metadata;
}

export interface DiscountLine {
  id: string;
  object: 'discount_line';
  parent_id: string;
  amount: number;
  code: string;
  type: string;
}

export interface CustomerInfo {
  object: 'customer_info';
  customer_id?: string;
  name: string;
  email: string;
  phone: string;
  corporate: boolean;
}

export type CheckoutStatus = 'Issued' | 'Paid' | 'Cancelled' | 'Expired' | 'Failed';

export interface Checkout {
  id: string;
  object: 'checkout';
  name: string;
  type: 'Integration' | 'HostedPayment' | 'PaymentLink';
  status: CheckoutStatus;
  livemode: boolean;
  allowed_payment_methods: string[];
  excluded_payment_methods?: string[];
  exclude_card_networks: ('visa' | 'mastercard' | 'amex')[];
  can_not_expire: boolean;
  emails_sent: number;
  sms_sent: number;
  starts_at: number;
  expires_at: number;
  success_url?: string;
  failure_url?: string;
  is_redirect_on_failure: boolean;
  redirection_time?: number;
  force_3ds_flow: boolean;
  force_save_card?: boolean;
  on_demand_enabled?: boolean;
  max_failed_retries?: number;
  metadata: Metadata;
  monthly_installments_enabled: boolean;
  monthly_installments_options: number[];
  needs_shipping_contact: boolean;
  paid_payments_count: number;
  recurrent: boolean;
  slug: string;
  url: string;
}

export interface NextAction {
  type: 'redirect_to_url';
  redirect_to_url: { url: string; return_url?: string };
}

export interface Order {
  id: string;
  object: 'order';
  livemode: boolean;
  amount: number;
  amount_refunded: number;
  currency: string;
  /** Absent until the first attempt to pay. */
  payment_status?: PaymentStatus;
  customer_info: CustomerInfo;
  metadata: Metadata;
  is_refundable: boolean;
  processing_mode?: string;
  created_at: number;
  updated_at: number;
  line_items: List<LineItem>;
  tax_lines?: List<TaxLine>;
  shipping_lines?: List<ShippingLine>;
  discount_lines?: List<DiscountLine>;
  shipping_contact?: object;
  fiscal_entity?: object;
  /** Newest first. */
  charges?: List<Charge>;
  checkout?: Checkout;
  channel?: Channel;
  next_action?: NextAction;
}
