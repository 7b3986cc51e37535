// The frame of every page behind the sign-in: header, navigation (a drawer and a bar below
// on a phone), content. It is drawn before the session is known. Without a session it sends
// to the sign-in page and back; an operator's page shows nothing to customers.
import { Alert, Burger, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect, useRef } from 'react';
import type { Session } from '~/api/types';
import { reaching } from '~/data/reach';
import { usePreferred, useTexts } from '~/i18n';
import { useFetchAhead } from '~/ui/later';
import { ErrorState, LoadingState } from '~/ui/States';
import { AccountMenu } from './AccountMenu';
import { BottomBar } from './BottomBar';
import { Brand, Footer, Switches } from './Chrome';
import { PAGE_BEFORE_TERMS, useHearOfTerms, useLacksConsent } from './consent';
import styles from './Frame.module.css';
import { ModeSwitch } from './ModeSwitch';
import { Navigation } from './Navigation';
import { NotFoundPage } from './NotFoundPage';
import { ProofAsker } from './ProofAsker';
import type { Section } from './pages';
import { SearchButton } from './SearchButton';
import { useSession, useSessionQuery, useSite } from './site';

const Terms = lazy(reaching(async () => ({ default: (await import('./Terms')).Terms })));

/** By this name what locks the scrolling of a page knows what must not move when it does. */
const KEEPS_ITS_PLACE = 'right-scroll-bar-position';

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
  useFetchAhead();
  if (useLacksConsent() && pathname !== PAGE_BEFORE_TERMS)
    return (
      <Suspense fallback={<LoadingState />}>
        <Terms />
      </Suspense>
    );
  return (
    <>
      {site.notice && (
        <Alert mb="md" title={t.shell.notice}>
          {site.notice}
        </Alert>
      )}
      <WaitingRole />
      <Outlet />
      <ProofAsker />
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
    <div className={styles.frame}>
      <a className="y-skip" href="#main">
        {t.shell.skip}
      </a>
      <header className={`${styles.header} ${KEEPS_ITS_PLACE} y-no-print`}>
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
      </header>
      <nav
        className={`${styles.navigation} y-no-print`}
        data-open={isOpen ? '' : undefined}
        aria-label={t.shell.menu}
      >
        {session && <ModeSwitch section={section} session={session} />}
        {session && <Navigation section={section} role={session.user.role} onGo={close} />}
      </nav>
      <main className={styles.main} id="main" tabIndex={-1}>
        {props.children}
      </main>
      <footer className={`${styles.bottom} ${KEEPS_ITS_PLACE} y-no-print`}>
        {session && <BottomBar section={section} role={session.user.role} onMore={open} />}
      </footer>
    </div>
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
