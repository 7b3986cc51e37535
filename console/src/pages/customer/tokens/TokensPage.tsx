// The account's API tokens.
import { Button } from '@mantine/core';
import { useFilters } from '~/data/filters';
import { useWords } from '~/i18n';
import { PageFrame } from '~/ui/PageFrame';
import { TokenList } from './TokenList';
import { words } from './words';

const DEFAULTS = { create: '' };

export default function TokensPage() {
  const t = useWords(words);
  const [, setOpen] = useFilters(DEFAULTS);
  const create = <Button onClick={() => setOpen({ create: '1' })}>{t.create}</Button>;
  return (
    <PageFrame title={t.title} intro={t.intro} actions={create}>
      <TokenList />
    </PageFrame>
  );
}
