// One account.
import { useTexts } from '~/i18n';
import { PageFrame } from '~/ui/PageFrame';
import { Panel } from '~/ui/Panel';
import { EmptyState } from '~/ui/States';

export default function AccountDetailPage() {
  const t = useTexts().accounts;
  return (
    <PageFrame title={t.title}>
      <Panel><EmptyState title={t.empty} /></Panel>
    </PageFrame>
  );
}
