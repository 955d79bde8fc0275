import { Injectable } from '@nestjs/common';
import { ReturnUrlSettings, ServiceSettings } from '../../config/settings.js';
import type { Texts } from '../texts/texts.en.js';

/** The address in the form that browsers and headers take; undefined for anything but http(s). */
export function httpUrl(text: string | null | undefined): string | undefined {
  if (text === null || text === undefined || !/^https?:\/\//i.test(text) || !URL.canParse(text))
    return undefined;
  return new URL(text).href;
}

/** The same, of the shop's: undefined for pages of this service, which stands at `publicUrl`. */
export function shopUrl(text: string | null, publicUrl: string): string | undefined {
  const href = httpUrl(text);
  if (href === undefined) return undefined;
  // They may share a host: the path tells them apart.
  const home = new URL(publicUrl).href.replace(/\/$/, '');
  const isOurs = ['/pay/', '/payments/', '/cards/'].some((folder) => href.startsWith(home + folder));
  return isOurs ? undefined : href;
}

export function homeOf(href: string | undefined): string | undefined {
  return href === undefined ? undefined : `${new URL(href).origin}/`;
}

export interface Link {
  kind: 'primary' | 'secondary';
  href: string;
  label: string;
  /** Where a shop may show the page in a frame: it takes the whole window. */
  leavesFrame?: boolean;
}

export function shopLink(href: string | undefined, { links }: Texts): Link[] {
  return href === undefined ? [] : [{ kind: 'secondary', href, label: links.backToShop }];
}

/** A way back for pages that know no better one. */
@Injectable()
export class ShopHome {
  /** Undefined where no shop is named, or more than one. */
  readonly url: string | undefined;

  constructor({ success, cancel }: ReturnUrlSettings, { publicUrl, redirectOrigins }: ServiceSettings) {
    const named = [...Object.values(success), ...Object.values(cancel), ...redirectOrigins];
    const homes = new Set(named.flatMap((text) => homeOf(shopUrl(text, publicUrl)) ?? []));
    this.url = homes.size === 1 ? [...homes][0] : undefined;
  }
}
