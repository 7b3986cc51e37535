// The frame of every page behind the sign-in: header, navigation (a drawer and a bar below
// on a phone), content. It is drawn before the session is known. Without a session it sends
// to the sign-in page and back; an operator's page shows nothing to customers.
import { Alert, AppShell, Burger, Group, ScrollArea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import type { Session } from '~/api/types';
import { usePreferred, useTexts } from '~/i18n';
import { ErrorState, LoadingState } from '~/ui/States';
import { AccountMenu } from './AccountMenu';
import { BottomBar } from './BottomBar';
import { Brand, Footer, Switches } from './Chrome';
import { ModeSwitch } from './ModeSwitch';
import { Navigation } from './Navigation';
import { NotFoundPage } from './NotFoundPage';
import { ProofDialog } from './ProofDialog';
import type { Section } from './pages';
import { SearchButton } from './SearchButton';
import { useSession, useSessionQuery, useSite } from './site';
import { PAGE_BEFORE_TERMS, Terms, useHearOfTerms, useLacksConsent } from './Terms';

export function SignedInFrame({ section }: { section: Section }) {
  const query = useSessionQuery();
  const session = query.data;
  usePreferred(session?.user.language ?? null);
  if (session === null) return <ToSignIn />;
  if (session && section === 'operator' && session.user.role === null) return <NotFoundPage />;
  return (
    <Frame section={section} session={session}>
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : session ? (
        <Content />
      ) : (
        <LoadingState />
      )}
    </Frame>
  );
}

function Content() {
  const t = useTexts();
  const site = useSite();
  const { pathname } = useLocation();
  useHearOfTerms();
  if (useLacksConsent() && pathname !== PAGE_BEFORE_TERMS) return <Terms />;
  return (
    <>
      {site.notice && (
        <Alert mb="md" title={t.shell.notice}>
          {site.notice}
        </Alert>
      )}
      <WaitingRole />
      <Outlet />
      <ProofDialog />
      <Footer />
    </>
  );
}

/** Whoever is an operator, but has not signed in as operators must. */
function WaitingRole() {
  const t = useTexts();
  const lack = useSession().user.role_waits_for;
  if (lack === null) return null;
  return (
    <Alert mb="md" color="yellow" title={t.shell.roleWaits}>
      {t.shell.roleWaitsFor[lack]}
    </Alert>
  );
}

function Frame(props: { section: Section; session: Session | undefined; children: ReactNode }) {
  const t = useTexts();
  const { section, session } = props;
  const location = useLocation();
  const [isOpen, { toggle, open, close }] = useDisclosure(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page closes the drawer
  useEffect(close, [location.pathname, close]);
  return (
    <AppShell
      padding={{ base: 'sm', sm: 'md' }}
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      footer={{ height: { base: 56, sm: 0 } }}
    >
      <a className="y-skip" href="#main">
        {t.shell.skip}
      </a>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={t.shell.menu}
              aria-expanded={isOpen}
            />
            <Brand />
          </Group>
          <Group gap="xs" wrap="nowrap">
            {session && <SearchButton session={session} />}
            <Switches />
            {session && <AccountMenu session={session} />}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t.shell.menu}>
        {session && <ModeSwitch section={section} session={session} />}
        <ScrollArea>
          {session && <Navigation section={section} role={session.user.role} onGo={close} />}
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        {props.children}
      </AppShell.Main>
      <AppShell.Footer hiddenFrom="sm" className="y-no-print">
        {session && <BottomBar section={section} role={session.user.role} onMore={open} />}
      </AppShell.Footer>
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
  return (
    <main>
      <LoadingState />
    </main>
  );
}
