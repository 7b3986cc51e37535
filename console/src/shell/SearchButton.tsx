// Opens the search: a button, and Ctrl-K (⌘K) from anywhere.
import { ActionIcon, Button, Kbd } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { lazy, Suspense, useState } from 'react';
import type { Session } from '~/api/types';
import { useTexts } from '~/i18n';
import { Icon } from '~/ui/Icon';

const SearchDialog = lazy(() => import('./SearchDialog'));

export function SearchButton({ session }: { session: Session }) {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  useHotkeys([['mod+K', () => setOpen(true)]], []);
  return (
    <>
      <Button
        variant="default"
        size="xs"
        visibleFrom="sm"
        leftSection={<Icon name="search" size={15} />}
        rightSection={<Kbd size="xs">Ctrl K</Kbd>}
        onClick={() => setOpen(true)}
      >
        {t.shell.search}
      </Button>
      <ActionIcon
        variant="default"
        size={30}
        hiddenFrom="sm"
        aria-label={t.shell.search}
        onClick={() => setOpen(true)}
      >
        <Icon name="search" size={16} />
      </ActionIcon>
      {isOpen && (
        <Suspense fallback={null}>
          <SearchDialog session={session} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
