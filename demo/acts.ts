import { cashAtTheShop, customerPaysInComponent } from './component.acts.js';
import { cardIsDeclinedFirst, customerPays, natsIsAway } from './hosted.acts.js';
import type { Scenes } from './scenes.js';

/** The story until the subscription. Each act makes one purchase. */
export const ACTS: readonly ((scenes: Scenes) => Promise<void>)[] = [
  customerPays,
  cardIsDeclinedFirst,
  natsIsAway,
  customerPaysInComponent,
  cashAtTheShop,
];
