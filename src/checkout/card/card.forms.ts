import { can } from '../../providers/provider.port.js';
import { Injectable } from '@nestjs/common';
import { CardFormSettings } from '../../config/settings.js';
import type { EmbeddedCheckout } from '../../providers/embedded.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import type { Language } from '../reader/language.js';
import type { CardPage } from './card.page.js';

/** How the provider of a setup shows its form for a card inside our page. */
@Injectable()
export class CardForms {
  constructor(
    private readonly providers: ProviderRegistry,
    private readonly style: CardFormSettings,
  ) {}

  /** @returns undefined where it cannot: an operator may have taken away its keys since the setup was opened. */
  find({ provider: name, embed }: CardPage, language: Language): EmbeddedCheckout | undefined {
    const provider = this.providers.find(name);
    if (provider === undefined || embed === undefined) return undefined;
    if (!provider.capabilities.has('card_setups') || !can(provider, 'cardSetups')) return undefined;
    return provider.cardSetups.form(embed, language, this.style);
  }
}
