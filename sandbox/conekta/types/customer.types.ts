import type { List, Metadata } from './shared.types.js';
import type { Subscription } from './subscription.types.js';

export interface PaymentSource {
  id: string;
  object: 'payment_source';
  type: 'card' | 'cash_recurrent' | 'spei_recurrent';
  created_at: number;
  parent_id: string;
  last4?: string;
  bin?: string;
  card_type?: string;
  exp_month?: string;
  exp_year?: string;
  brand?: string;
  issuer?: string;
  name?: string;
  default?: boolean;
  visible_on_checkout?: boolean;
  payment_source_status?: string;
  reference?: string;
  barcode?: string;
  barcode_url?: string;
  provider?: string;
  bank?: string;
  /** The document has a number for cash and text for a transfer. */
  expires_at?: number | string;
}

export interface Customer {
  id: string;
  object: 'customer';
  livemode: boolean;
  created_at: number;
  name: string;
  email: string;
  phone: string;
  corporate: boolean;
  custom_reference?: string;
  date_of_birth?: string;
  national_id?: string;
  metadata: Metadata;
  default_payment_source_id: string | null;
  payment_sources: List<PaymentSource>;
  shipping_contacts?: List<object>;
  /** The newest one, though it may have ended. */
  subscription?: Subscription;
}

export interface Token {
  id: string;
  object: 'token';
  livemode: boolean;
  used: boolean;
  /** Of the form that fills the token. */
  checkout?: TokenCheckout;
}

export interface TokenCheckout {
  id: string;
  object: 'checkout';
  status: 'Issued';
  expires_at: number;
  [name: string]: unknown;
}
