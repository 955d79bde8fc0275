import type { ChargeInput, ChargesDirectly } from '../../providers/direct.charges.js';
import type { PaymentProvider, ProviderCall } from '../../providers/provider.port.js';

export type ChargingProvider = PaymentProvider & ChargesDirectly;

/** Who pays with which card, and where that is done. */
export interface Payer extends Pick<ChargeInput, 'card' | 'providerCustomerId' | 'customer'> {
  provider: ChargingProvider;
  /** Ours. */
  customerId?: string | undefined;
}

/** What a caller asks for, validated and in minor units. */
export interface ChargeRequest extends Payer, Omit<ChargeInput, 'paymentId' | 'returnUrl'> {
  /** Undefined: our own page. */
  returnUrl?: string | undefined;
}

/** A charge as it is recorded and then made. */
export interface PlannedCharge {
  paymentId: string;
  request: ChargeRequest;
  call: ProviderCall['request'];
}
