// The ledger in three parts: entries by time, a month for the accountant, and the proof.
import { useWords } from '~/i18n';
import { PageFrame } from '~/ui/PageFrame';
import { PageTabs } from '~/ui/PageTabs';
import { EntriesTab } from './EntriesTab';
import { ProofPanel } from './ProofPanel';
import { SummaryTab } from './SummaryTab';
import { words } from './words';

export default function LedgerPage() {
  const t = useWords(words);
  return (
    <PageFrame title={t.title}>
      <PageTabs
        label={t.title}
        tabs={[
          { id: 'entries', label: t.entries, content: <EntriesTab /> },
          { id: 'summary', label: t.summary, content: <SummaryTab /> },
          { id: 'verify', label: t.proof, content: <ProofPanel /> },
        ]}
      />
    </PageFrame>
  );
}
