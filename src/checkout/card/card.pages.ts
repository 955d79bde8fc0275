import { Injectable } from '@nestjs/common';
import { CardFormSettings } from '../../config/settings.js';
import type { Page } from '../page/page.renderer.js';
import { tongueOf } from '../reader/language.js';
import type { Reader } from '../reader/reader.js';
import { cardFormPage } from './card.form.view.js';
import { CardForms } from './card.forms.js';
import { cardMessagePage } from './card.message.js';
import type { CardPage } from './card.page.js';

/** Decides by what a setup is now which page its customer gets at `/cards/new?setup=<id>`. */
@Injectable()
export class CardPages {
  constructor(
    private readonly forms: CardForms,
    private readonly style: CardFormSettings,
  ) {}

  show(setup: CardPage, browser: Reader): Page {
    const reader = this.readerOf(setup, browser);
    if (setup.state !== 'open') return cardMessagePage(setup, reader);
    const form = this.forms.find(setup, reader.language);
    if (form === undefined) return cardMessagePage(setup, reader);
    return cardFormPage(setup, form, reader, this.style.frame);
  }

  /** The operator's language, or the one that the shop asked for, or the browser's. */
  private readerOf({ locale }: CardPage, browser: Reader): Reader {
    const wishes = [this.style.language, locale, browser.locale];
    return { ...browser, ...tongueOf(wishes.filter((tag) => tag !== undefined)) };
  }
}
