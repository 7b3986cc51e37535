// A mailbox proves that it wants to be told: the digits of the mail that it got.
import { Button, Group, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { NoticePlace } from '~/api/types';
import { useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { CodeField } from '~/ui/CodeField';
import { Refusal } from '~/ui/Refusal';
import { toastDone } from '~/ui/toast';
import type { NoticeSource } from './source';
import { words } from './words';

export function ConfirmMailbox(props: {
  source: NoticeSource;
  place: NoticePlace;
  onDone: () => void;
}) {
  const t = useWords(words);
  const mailed = useWords(auth).mailed;
  const { source, place } = props;
  const form = useForm({
    initialValues: { code: '' },
    validate: { code: (value) => (/^\s*(\d\s*){6}$/.test(value) ? null : mailed.codeWrong) },
  });
  const confirming = useSubmit(form, async ({ code }) => {
    await source.confirm?.(place.id, code.trim());
    toastDone(t.confirmed);
    props.onDone();
  });
  const asking = useSubmit(form, async () => {
    await source.askAgain?.(place.id);
    toastDone(t.codeSent(place.fields.address ?? ''));
  });
  return (
    <form onSubmit={form.onSubmit((values) => void confirming.submit(values))} noValidate>
      <Stack>
        <Text>{t.confirmText(place.fields.address ?? '')}</Text>
        <CodeField label={mailed.code} isNumeric data-autofocus {...form.getInputProps('code')} />
        <Refusal text={confirming.refused ?? asking.refused} />
        <Group justify="space-between">
          <Button
            variant="default"
            loading={asking.isBusy}
            onClick={() => void asking.submit(form.values)}
          >
            {mailed.again}
          </Button>
          <Button type="submit" loading={confirming.isBusy}>
            {t.confirm}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
