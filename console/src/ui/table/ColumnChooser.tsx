// Which columns of a table are shown; the choice is kept in this browser.
import { Button } from '@mantine/core';
import { Suspense, useState } from 'react';
import { useTexts } from '~/i18n';
import { Icon } from '~/ui/Icon';
import { fetchedLater } from '~/ui/later';

export interface ColumnChooserProps {
  columns: { id: string; header: string }[];
  visibility: Record<string, boolean>;
  onChange: (visibility: Record<string, boolean>) => void;
}

const ColumnList = fetchedLater(() => import('./ColumnList').then((module) => module.ColumnList));

export function ColumnChooser(props: ColumnChooserProps) {
  const t = useTexts();
  const [isPressed, setPressed] = useState(false);
  const closed = (
    <Button
      variant="default"
      size="xs"
      leftSection={<Icon name="columns" size={15} />}
      aria-haspopup="dialog"
      aria-expanded={false}
      onClick={() => setPressed(true)}
    >
      {t.shell.columns}
    </Button>
  );
  if (!isPressed) return closed;
  return (
    <Suspense fallback={closed}>
      <ColumnList {...props} />
    </Suspense>
  );
}
