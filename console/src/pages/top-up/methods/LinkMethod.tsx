// The operator's own shop, elsewhere.
import { Button, Text } from '@mantine/core';
import { useSite } from '~/app/site';
import { useTexts } from '~/i18n';
import { Panel } from '~/ui/Panel';

export function LinkMethod() {
  const t = useTexts().topUp;
  const { topup_link: link } = useSite();
  if (link === null) return null;
  return (
    <Panel title={t.link}>
      <Text c="dimmed" mb="sm">{t.linkText}</Text>
      <Button component="a" href={link} target="_blank" rel="noreferrer" variant="default">{t.openLink}</Button>
    </Panel>
  );
}
