// An address that leads nowhere.
import { useTexts } from '~/i18n';
import { EmptyState } from '~/ui/States';
import { PageFrame } from '~/ui/PageFrame';
import { useLocation } from '@tanstack/react-router';
import { RouterButton } from '~/ui/RouterLink';

export function NotFoundPage() {
  const t = useTexts();
  const { pathname } = useLocation();
  return (
    <main id="main" style={{ padding: '2rem 1rem' }}>
      <PageFrame title={t.shell.notFound}>
        <EmptyState title={t.shell.notFoundText} text={pathname} action={<RouterButton to="/">{t.shell.toOverview}</RouterButton>} />
      </PageFrame>
    </main>
  );
}
