// Operators and management keys.
import { useTexts } from '~/i18n';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { EmptyState } from '~/ui/States';

export default function PeoplePage() {
  const t = useTexts().people;
  return (
    <PageFrame title={t.title}>
      <Panel><EmptyState title={t.empty} /></Panel>
    </PageFrame>
  );
}
