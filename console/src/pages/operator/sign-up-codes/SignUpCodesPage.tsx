// Codes with which strangers may sign up where an invitation is needed.
import { Badge, Button, Group, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Listed, SignUpCode } from '~/api/types';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useMay } from '~/shell/may';
import { useSite } from '~/shell/site';
import { Amount } from '~/ui/Amount';
import { ConfirmDialog, useCloseLabel } from '~/ui/ConfirmDialog';
import { Modal } from '~/ui/dialogs';
import { PageFrame } from '~/ui/PageFrame';
import { keepOpen } from '~/ui/ShowOnce';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone } from '~/ui/toast';
import { NewSignUpCode } from './NewSignUpCode';
import { words } from './words';

const KEY = ['operator', 'sign-up-codes'];

export default function SignUpCodesPage() {
  const t = useWords(words);
  const queries = useQueryClient();
  const mayMake = useMay('owner', 'support');
  const isNeeded = useSite().sign_up === 'invite';
  const closeLabel = useCloseLabel();
  const [isMaking, setMaking] = useState(false);
  const [isMade, setMade] = useState(false);
  const [ending, setEnding] = useState<SignUpCode | null>(null);
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => call<Listed<SignUpCode>>(api.GET('/api/operator/sign-up-codes')),
  });
  const end = async () => {
    await call(
      api.DELETE('/api/operator/sign-up-codes/{code}', {
        params: { path: { code: ending?.id ?? '' } },
      }),
    );
    await queries.invalidateQueries({ queryKey: KEY });
    toastDone(t.ended);
  };
  const columns: Column<SignUpCode>[] = [
    {
      id: 'name',
      header: t.shell.name,
      cell: (row) => (
        <Group gap="xs">
          <Text fw={600}>{row.name}</Text>
          <State code={row} />
        </Group>
      ),
    },
    { id: 'used', header: t.used, isRight: true, cell: (row) => `${row.used} / ${row.uses}` },
    {
      id: 'gift',
      header: t.gift,
      isRight: true,
      cell: (row) => (row.gift === null ? t.asSet : <Amount micros={row.gift} />),
    },
    { id: 'expires', header: t.expires, cell: (row) => <Time at={row.expires} /> },
    { id: 'created', header: t.created, cell: (row) => <Time at={row.created} /> },
    {
      id: 'do',
      header: '',
      isRight: true,
      cell: (row) =>
        mayMake && row.ended === null ? (
          <Button
            size="xs"
            variant="default"
            aria-label={`${t.end}: ${row.name}`}
            onClick={() => setEnding(row)}
          >
            {t.end}
          </Button>
        ) : null,
    },
  ];
  const make = mayMake ? <Button onClick={() => setMaking(true)}>{t.make}</Button> : undefined;
  return (
    <PageFrame title={t.title} intro={isNeeded ? t.intro : t.notNeeded} actions={make}>
      <DataTable
        isPlain
        name="sign-up-codes"
        label={t.title}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => row.id}
        empty={<EmptyRows title={t.empty} text={t.emptyText} />}
      />
      <Modal
        opened={isMaking}
        onClose={() => setMaking(false)}
        onExitTransitionEnd={() => setMade(false)}
        title={t.make}
        closeButtonProps={closeLabel}
        {...keepOpen(isMade)}
      >
        <NewSignUpCode
          onMade={() => {
            setMade(true);
            void queries.invalidateQueries({ queryKey: KEY });
          }}
        />
      </Modal>
      <ConfirmDialog
        isOpen={ending !== null}
        onClose={() => setEnding(null)}
        onConfirm={end}
        isDangerous
        title={t.end}
        action={t.end}
        text={t.endText(ending?.name ?? '')}
      />
    </PageFrame>
  );
}

function State({ code }: { code: SignUpCode }) {
  const t = useWords(words);
  const isOver = code.expires !== null && Date.parse(code.expires) < Date.now();
  const said =
    code.ended !== null
      ? t.stateEnded
      : isOver
        ? t.stateExpired
        : code.used >= code.uses
          ? t.stateUsedUp
          : null;
  if (said === null) return null;
  return (
    <Badge color="gray" variant="light">
      {said}
    </Badge>
  );
}
