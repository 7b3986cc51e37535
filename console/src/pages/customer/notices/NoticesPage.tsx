// Where the account is told what happens to it, of what, and below which balance.
import { useWords } from '~/i18n';
import { PageFrame } from '~/ui/PageFrame';
import { Deliveries } from './Deliveries';
import { Places } from './Places';
import { useAccountSource } from './source';
import { ThresholdPanel } from './ThresholdPanel';
import { words } from './words';

export default function NoticesPage() {
  const t = useWords(words);
  const source = useAccountSource();
  return (
    <PageFrame title={t.title} intro={t.intro}>
      <Places source={source} />
      <ThresholdPanel mayChange={source.mayChange} />
      <Deliveries source={source} />
    </PageFrame>
  );
}
