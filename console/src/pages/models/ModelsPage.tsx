// Models and prices.
import { useTexts } from '~/i18n';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { EmptyState } from '~/ui/States';

export default function ModelsPage() {
  const t = useTexts().models;
  return (
    <PageFrame title={t.title}>
      <Panel><EmptyState title={t.empty} /></Panel>
    </PageFrame>
  );
}
