// What a page's `page.ts` says of it. The section is the folder that it lies in.
import type { ComponentType } from 'react';
import type { Role } from '~/api/types';
import type { Language } from '~/i18n';
import type { IconName } from '~/ui/Icon';
import type { GroupName } from './groups';

export interface PageDefinition {
  /** Below `/console`, such as `/operator/accounts/$account`. */
  path: string;
  /** Its file, as `() => import('./TokensPage')`: a chunk of its own. */
  load: () => Promise<{ default: ComponentType }>;
  /** What it asks the server first, for whoever is signed in; fetched before any script runs. */
  asks?: string;
  /** Its words in the navigation; without them it is not listed. */
  label?: Record<Language, string>;
  icon?: IconName;
  /** Where in the navigation: a heading of `groups.ts`, none for the top. */
  group?: GroupName;
  /** The lower, the earlier within its group. */
  order?: number;
  /** Within the thumb's reach on a phone. */
  isInBar?: boolean;
  /** Operators' roles that see it; all of them when left out. */
  roles?: Role[];
}

export function definePage(page: PageDefinition): PageDefinition {
  return page;
}
