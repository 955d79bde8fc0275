import { Injectable } from '@nestjs/common';
import { keepsCustomers, type KeepsCustomers } from '../../providers/billing.ports.js';
import { type SavesCards, savesCards } from '../../providers/embedded.port.js';
import type { PaymentProvider } from '../../providers/provider.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { unsupported } from '../../providers/provider.errors.js';

/** The route of what has no currency. */
const ANY_CURRENCY = '*';

const KEEPING = 'must be a provider that keeps customers';
const SAVING = 'must be a provider that saves cards';

/** The providers that have what this room is about. Each way throws capability_not_supported, naming `provider`. */
@Injectable()
export class CapableProviders {
  constructor(private readonly providers: ProviderRegistry) {}

  keeping(name: string): PaymentProvider & KeepsCustomers {
    const provider = this.providers.get(name);
    if (!keepsCustomers(provider)) throw unsupported('provider', KEEPING);
    return provider;
  }

  saving(name: string): PaymentProvider & SavesCards {
    const provider = this.providers.get(name);
    if (!savesCards(provider)) throw unsupported('provider', SAVING);
    return provider;
  }

  /** Who may have a new customer, best first; never empty. */
  candidates(wished: string | undefined): (PaymentProvider & KeepsCustomers)[] {
    const able = this.providers.candidates(ANY_CURRENCY, wished).filter(keepsCustomers);
    if (able.length === 0) throw unsupported('provider', KEEPING);
    return able;
  }

  firstSaving(wished: string | undefined): PaymentProvider & SavesCards {
    const able = this.providers.candidates(ANY_CURRENCY, wished).find(savesCards);
    if (able === undefined) throw unsupported('provider', SAVING);
    return able;
  }
}
