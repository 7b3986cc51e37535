// An address that leads nowhere, or to a page of operators.
import { useLocation } from '@tanstack/react-router';
import { useTexts } from '~/i18n';
import { PageFrame } from '~/ui/PageFrame';
import { RouterButton } from '~/ui/RouterLink';
import { EmptyState } from '~/ui/States';
import { BarFrame } from './PublicFrame';

export function NotFoundPage() {
  const t = useTexts();
  const { pathname } = useLocation();
  return (
    <BarFrame size={640}>
      <PageFrame title={t.shell.notFound}>
        <EmptyState
          title={t.shell.notFoundText}
          text={pathname}
          action={<RouterButton to="/">{t.shell.toOverview}</RouterButton>}
        />
      </PageFrame>
    </BarFrame>
  );
}
