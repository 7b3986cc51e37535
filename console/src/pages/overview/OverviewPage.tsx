// Overview.
import { useTexts } from '~/i18n';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { EmptyState } from '~/ui/States';

export default function OverviewPage() {
  const t = useTexts().overview;
  return (
    <PageFrame title={t.title}>
      <Panel><EmptyState title={t.empty} /></Panel>
    </PageFrame>
  );
}
