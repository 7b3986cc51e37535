// The frame of every page behind the sign-in: header, navigation (a drawer on a phone),
// content. Without a session it sends to the sign-in page and back; an operator's page
// shows nothing to customers.
import { Alert, AppShell, Burger, Group, ScrollArea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { usePreferred, useTexts } from '~/i18n';
import { ErrorState, LoadingState } from '~/ui/States';
import { AccountMenu } from './AccountMenu';
import { Brand, Footer, Switches } from './Chrome';
import { Navigation } from './Navigation';
import { NotFoundPage } from './NotFoundPage';
import type { Section } from './places';
import { useSessionQuery, useSite } from './site';

export function SignedInFrame({ section }: { section: Section }) {
  const t = useTexts();
  const site = useSite();
  const query = useSessionQuery();
  const location = useLocation();
  const [isOpen, { toggle, close }] = useDisclosure(false);
  useEffect(close, [location.pathname, close]);
  usePreferred(query.data?.user.language ?? null);

  if (query.isLoading) return <main><LoadingState /></main>;
  if (query.error) return <main><ErrorState error={query.error} onRetry={() => void query.refetch()} /></main>;
  const session = query.data;
  if (!session) return <ToSignIn />;
  if (section === 'operator' && session.user.role === null) return <NotFoundPage />;
  return (
    <AppShell padding="md" header={{ height: 56 }} navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}>
      <a className="y-skip" href="#main">{t.shell.skip}</a>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t.shell.menu} aria-expanded={isOpen} />
            <Brand />
          </Group>
          <Group gap="xs" wrap="nowrap"><Switches /><AccountMenu session={session} /></Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t.shell.menu}>
        <ScrollArea><Navigation role={session.user.role} hasAccount={session.accounts.length > 0} onGo={close} /></ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        {site.notice && <Alert mb="md" title={t.shell.notice}>{site.notice}</Alert>}
        <Outlet />
        <Footer />
      </AppShell.Main>
    </AppShell>
  );
}

/** To the sign-in page, once, with the way back. */
function ToSignIn() {
  const navigate = useNavigate();
  const { pathname, href } = useLocation();
  const next = useRef(pathname === '/' ? undefined : href);
  useEffect(() => {
    void navigate({ to: '/sign-in', search: { next: next.current } as never, replace: true });
  }, [navigate]);
  return <main><LoadingState /></main>;
}
