// The operator's own shop, elsewhere.
import { Button, Text } from '@mantine/core';
import { useWords } from '~/i18n';
import { useSite } from '~/shell/site';
import { Panel } from '~/ui/Panel';
import { words } from '../words';

export function LinkMethod() {
  const t = useWords(words);
  const { topup_link: link } = useSite();
  if (link === null) return null;
  return (
    <Panel title={t.link}>
      <Text c="dimmed" mb="sm">
        {t.linkText}
      </Text>
      <Button component="a" href={link} target="_blank" rel="noreferrer" variant="default">
        {t.openLink}
      </Button>
    </Panel>
  );
}
