// What needs doing now: a suspended account, a balance that is used up or running low. To who
// has just come the steps say that a balance comes first; nothing is wrong yet.
import { Alert, Group } from '@mantine/core';
import type { Account } from '~/api/types';
import { useWords } from '~/i18n';
import { useSite } from '~/shell/site';
import { Amount } from '~/ui/Amount';
import { Icon } from '~/ui/Icon';
import { RouterButton } from '~/ui/RouterLink';
import { words } from './words';

export function Banners(props: { account: Account; threshold: number; isNew: boolean }) {
  const { account, threshold, isNew } = props;
  const t = useWords(words);
  const { contact } = useSite();
  const warning = <Icon name="warning" />;
  if (account.is_suspended) {
    return (
      <Alert color="red" icon={warning} title={t.suspended}>
        {t.suspendedText}
        {contact ? ` ${t.contact(contact)}` : ''}
      </Alert>
    );
  }
  const isUsedUp = account.available <= 0;
  if (isNew || (!isUsedUp && account.available >= threshold)) return null;
  return (
    <Alert color={isUsedUp ? 'red' : 'yellow'} icon={warning} title={isUsedUp ? t.usedUp : t.low}>
      <Group justify="space-between">
        <span>
          {isUsedUp ? (
            t.usedUpText
          ) : (
            <>
              {t.lowText} <Amount micros={account.available} show="both" />
            </>
          )}
        </span>
        <RouterButton to="/top-up" size="xs">
          {t.topUp}
        </RouterButton>
      </Group>
    </Alert>
  );
}
