import { can } from '../../providers/provider.port.js';
import { Injectable } from '@nestjs/common';
import type { EmbeddedCheckout } from '../../providers/embedded.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import type { PaymentPage } from '../payment.page.js';
import type { Language } from '../reader/language.js';

/** How the provider of a payment shows its checkout inside our page. */
@Injectable()
export class EmbeddedCheckouts {
  constructor(private readonly providers: ProviderRegistry) {}

  /** @returns undefined where it cannot: an operator may have taken away its keys since the session was opened. */
  find({ provider: name, embed }: PaymentPage, language: Language): EmbeddedCheckout | undefined {
    const provider = this.providers.find(name);
    if (provider === undefined || embed === undefined) return undefined;
    if (!provider.capabilities.has('embedded_checkout') || !can(provider, 'embeddedCheckout'))
      return undefined;
    return provider.embeddedCheckout(embed, language);
  }
}
