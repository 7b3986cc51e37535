// Every page of the console, found by its `page.ts`: a page is added by adding its folder.

import type { PageDefinition } from './definePage';
import { GROUPS, type GroupName } from './groups';

export type Section = 'customer' | 'operator' | 'public';

export interface Page extends PageDefinition {
  section: Section;
}

const found = import.meta.glob<PageDefinition>('~/pages/*/*/page.ts', {
  eager: true,
  import: 'page',
});

export const PAGES: Page[] = Object.entries(found)
  .map(([file, page]) => ({ ...page, section: sectionOf(file) }))
  .sort((a, b) => (a.order ?? 0) - (b.order ?? 0));

function sectionOf(file: string): Section {
  return file.split('/').at(-3) as Section;
}

/** The pages that the navigation lists for somebody, by heading; those of none come first. */
export function listedPages(
  section: Section,
  role: string | null,
): { group: GroupName | null; pages: Page[] }[] {
  const listed = PAGES.filter(
    (page) =>
      page.section === section &&
      page.label !== undefined &&
      (page.roles === undefined || (role !== null && page.roles.includes(role))),
  );
  const groups: (GroupName | null)[] = [null, ...(Object.keys(GROUPS) as GroupName[])];
  return groups
    .map((group) => ({ group, pages: listed.filter((page) => (page.group ?? null) === group) }))
    .filter(({ pages }) => pages.length > 0);
}

/** Whether the address is that page's, or below it. */
export function isCurrent(path: string, pathname: string): boolean {
  const here = pathname.replace(/^\/console/, '').replace(/\/$/, '') || '/';
  if (path === '/' || path === '/operator') return here === path;
  return here === path || here.startsWith(`${path}/`);
}
