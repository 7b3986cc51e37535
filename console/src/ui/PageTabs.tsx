// The parts of a page side by side; which one is open stands in the address.
import { Tabs } from '@mantine/core';
import { type ReactNode, Suspense } from 'react';
import { useFilters } from '~/data/filters';
import { LoadingState } from './States';

export interface PageTab {
  id: string;
  label: string;
  content: ReactNode;
}

const TAB = { tab: '' };

export function PageTabs({ label, tabs }: { label: string; tabs: PageTab[] }) {
  const [{ tab }, setTab] = useFilters(TAB);
  const open = tabs.find(({ id }) => id === tab) ?? tabs[0];
  if (!open) return null;
  const choose = (id: string | null) => setTab({ tab: id === tabs[0]?.id ? '' : (id ?? '') });
  return (
    <Tabs value={open.id} onChange={choose} keepMounted={false} activateTabWithKeyboard>
      <Tabs.List aria-label={label} mb="md">
        {tabs.map((one) => (
          <Tabs.Tab key={one.id} value={one.id}>
            {one.label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map((one) => (
        <Tabs.Panel key={one.id} value={one.id}>
          <Suspense fallback={<LoadingState />}>{one.content}</Suspense>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
