// Where operators are told what happens to the whole house.
import { useWords } from '~/i18n';
import { Deliveries } from '~/pages/customer/notices/Deliveries';
import { Places } from '~/pages/customer/notices/Places';
import { useOperatorSource } from '~/pages/customer/notices/source';
import { words } from '~/pages/customer/notices/words';
import { PageFrame } from '~/ui/PageFrame';

export default function NoticesPage() {
  const t = useWords(words);
  const source = useOperatorSource();
  return (
    <PageFrame title={t.title} intro={t.operatorIntro}>
      <Places source={source} />
      <Deliveries source={source} />
    </PageFrame>
  );
}
