// Services by which one signs in: those that are connected, and those that may be.
import { Button, Group, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Identity, Listed } from '~/api/types';
import { rowsOf } from '~/data/rows';
import { useWords } from '~/i18n';
import { useSite } from '~/shell/site';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { Time } from '~/ui/Time';
import { type Column, DataTable, EmptyRows } from '~/ui/table/DataTable';
import { toastDone, toastRefused } from '~/ui/toast';
import { words } from './words';

const KEY = ['me', 'identities'];
const HERE = '/console/account';

export function IdentitiesPanel() {
  const t = useWords(words);
  const queries = useQueryClient();
  const { sign_in_services: services } = useSite();
  const [leaving, setLeaving] = useState<Identity | null>(null);
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => call<Listed<Identity>>(api.GET('/api/me/identities')),
  });
  const titles = Object.fromEntries(services.map(({ name, title }) => [name, title]));
  const linked = new Set(query.data?.items.map(({ service }) => service));
  const connect = async (service: string) => {
    try {
      const { url } = await call<{ url: string }>(
        api.POST('/api/me/identities/{service}', {
          params: { path: { service } },
          body: { return_to: HERE },
        }),
      );
      window.location.assign(url);
    } catch (reason) {
      toastRefused(reason);
    }
  };
  const disconnect = async (service: string) => {
    await call(api.DELETE('/api/me/identities/{service}', { params: { path: { service } } }));
    await queries.invalidateQueries({ queryKey: KEY });
    toastDone(t.disconnected);
  };
  if (services.length === 0 && linked.size === 0) return null;
  const columns: Column<Identity>[] = [
    { id: 'service', header: t.service, cell: (row) => titles[row.service] ?? row.service },
    { id: 'who', header: t.serviceWho, cell: (row) => row.email || row.name || t.shell.none },
    { id: 'linked', header: t.serviceSince, cell: (row) => <Time at={row.linked} /> },
    {
      id: 'used',
      header: t.sessionSeen,
      cell: (row) => <Time at={row.last_used} show="ago" />,
    },
    {
      id: 'end',
      header: '',
      isRight: true,
      cell: (row) => (
        <Button size="xs" variant="default" onClick={() => setLeaving(row)}>
          {t.disconnect}
        </Button>
      ),
    },
  ];
  return (
    <>
      <DataTable
        isPlain
        name="identities"
        label={t.services}
        columns={columns}
        data={rowsOf(query)}
        rowId={(row) => row.service}
        empty={<EmptyRows title={t.servicesEmpty} text={t.servicesText} />}
        toolbar={
          <Group gap="md">
            <Title order={2} size="h4">
              {t.services}
            </Title>
            {services
              .filter(({ name }) => query.data && !linked.has(name))
              .map(({ name, title }) => (
                <Button key={name} size="xs" variant="default" onClick={() => void connect(name)}>
                  {t.connect(title)}
                </Button>
              ))}
          </Group>
        }
      />
      <ConfirmDialog
        isOpen={leaving !== null}
        title={t.disconnect}
        action={t.disconnect}
        isDangerous
        text={t.disconnectText(titles[leaving?.service ?? ''] ?? leaving?.service ?? '')}
        onClose={() => setLeaving(null)}
        onConfirm={async () => {
          if (leaving) await disconnect(leaving.service);
        }}
      />
    </>
  );
}
