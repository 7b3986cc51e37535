// Tiers and limits.
import { useTexts } from '~/i18n';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { EmptyState } from '~/ui/States';

export default function TiersPage() {
  const t = useTexts().tiers;
  return (
    <PageFrame title={t.title}>
      <Panel><EmptyState title={t.empty} /></Panel>
    </PageFrame>
  );
}
