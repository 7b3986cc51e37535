// The methods of topping up, in the order of the page. A new one is a file beside this one
// and a line here.
import type { ComponentType } from 'react';
import type { Site } from '~/api/types';
import { LinkMethod } from './LinkMethod';
import { OnlineMethod } from './OnlineMethod';
import { RedeemMethod } from './RedeemMethod';

export interface Method {
  id: string;
  isOffered: (site: Site) => boolean;
  Panel: ComponentType;
}

export const METHODS: Method[] = [
  { id: 'online', isOffered: () => true, Panel: OnlineMethod },
  { id: 'redeem', isOffered: () => true, Panel: RedeemMethod },
  { id: 'link', isOffered: (site) => site.topup_link !== null, Panel: LinkMethod },
];
