// The dialog in which people show once more who they are; see `ProofAsker`.
import { Button, Group, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { Identity, Listed, Passkey } from '~/api/types';
import { useSubmit } from '~/data/form';
import { hasPasskeys, proveByPasskey } from '~/data/passkeys';
import { useTexts, useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { CodeField } from '~/ui/CodeField';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { Modal } from '~/ui/dialogs';
import { Refusal } from '~/ui/Refusal';
import { SecretField } from '~/ui/SecretField';
import { toastRefused } from '~/ui/toast';
import { useSession, useSite } from './site';

export function ProofDialog(props: { opened: boolean; onEnd: (isProven: boolean) => void }) {
  const words = useWords(auth).proof;
  return (
    <Modal
      opened={props.opened}
      onClose={() => props.onEnd(false)}
      title={words.title}
      closeButtonProps={useCloseLabel()}
    >
      <ProofForm onProven={() => props.onEnd(true)} onCancel={() => props.onEnd(false)} />
    </Modal>
  );
}

function ProofForm({ onProven, onCancel }: { onProven: () => void; onCancel: () => void }) {
  const t = useTexts();
  const words = useWords(auth);
  const { user } = useSession();
  const { passkey, services } = useOtherWays(onProven);
  const form = useForm({ initialValues: { password: '', totp: '' } });
  const proving = useSubmit(form, async ({ password, totp }) => {
    const body = { password, totp: totp.trim() || null };
    await call(api.POST('/api/session/prove', { body }));
    onProven();
  });
  return (
    <form onSubmit={form.onSubmit((values) => void proving.submit(values))} noValidate>
      <Stack>
        <Text size="sm">{words.proof.text}</Text>
        {user.has_password && (
          <SecretField
            label={words.password}
            autoComplete="current-password"
            data-autofocus
            {...form.getInputProps('password')}
          />
        )}
        {passkey && (
          <Button variant="default" loading={passkey.isBusy} onClick={passkey.press}>
            {words.signIn.passkey}
          </Button>
        )}
        {!user.has_password &&
          services.map(({ name, title }) => (
            <Button key={name} component="a" variant="default" href={againBy(name)}>
              {words.proof.by(title)}
            </Button>
          ))}
        {!user.has_password && !passkey && services.length === 0 && (
          <Text>{words.proof.nothing}</Text>
        )}
        {user.has_password && user.has_totp && (
          <CodeField label={words.signIn.totp} {...form.getInputProps('totp')} />
        )}
        <Refusal text={proving.refused} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t.shell.cancel}
          </Button>
          {user.has_password && (
            <Button type="submit" loading={proving.isBusy}>
              {words.proof.action}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

/** What else proves a person: their passkeys, and the services that they sign in by. */
function useOtherWays(onProven: () => void) {
  const site = useSite();
  const [isBusy, setBusy] = useState(false);
  const arePossible = site.has_passkeys && hasPasskeys();
  const passkeys = useQuery({
    queryKey: ['me', 'passkeys'],
    queryFn: () => call<Listed<Passkey>>(api.GET('/api/me/passkeys')),
    enabled: arePossible,
  });
  const identities = useQuery({
    queryKey: ['me', 'identities'],
    queryFn: () => call<Listed<Identity>>(api.GET('/api/me/identities')),
    enabled: site.sign_in_services.length > 0,
  });
  const linked = new Set(identities.data?.items.map(({ service }) => service));
  const services = site.sign_in_services.filter(({ name }) => linked.has(name));
  const press = () => {
    setBusy(true);
    proveByPasskey()
      .then((isProven) => isProven && onProven(), toastRefused)
      .finally(() => setBusy(false));
  };
  const hasOne = arePossible && passkeys.data?.items.some((each) => each.works_here);
  return { passkey: hasOne ? { isBusy, press } : null, services };
}

/** Another sign-in makes a fresh session, and leads back to this page. */
function againBy(service: string): string {
  const here = encodeURIComponent(window.location.pathname);
  return `/api/sign-in/${service}?return_to=${here}`;
}
