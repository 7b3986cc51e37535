// The second step after a mail: its six digits (none where its link was opened) and a password.
import { Button, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { PASSWORD_LENGTH_MIN, useSubmit } from '~/data/form';
import { useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { CodeField } from '~/ui/CodeField';
import { Refusal } from '~/ui/Refusal';
import { SecretField } from '~/ui/SecretField';

export interface MailProof {
  email?: string;
  code?: string;
  link?: string;
  password: string;
}

interface Props {
  /** Where the mail went; null where its link was opened. */
  email: string | null;
  link: string | null;
  action: string;
  onSubmit: (proof: MailProof) => Promise<void>;
  onBack: () => void;
}

export function MailedCode({ email, link, action, onSubmit, onBack }: Props) {
  const t = useWords(auth);
  const form = useForm({
    initialValues: { code: '', password: '' },
    validate: {
      code: (value) => (link !== null || /^\s*(\d\s*){6}$/.test(value) ? null : t.mailed.codeWrong),
      password: (value) => (value.length >= PASSWORD_LENGTH_MIN ? null : t.passwordTooShort),
    },
  });
  const sending = useSubmit(form, ({ code, password }) =>
    onSubmit(
      link !== null ? { link, password } : { email: email ?? '', code: code.trim(), password },
    ),
  );
  return (
    <form onSubmit={form.onSubmit((values) => void sending.submit(values))} noValidate>
      <Stack>
        {link === null && (
          <>
            <Text role="status">{t.mailed.sent(email ?? '')}</Text>
            <CodeField
              label={t.mailed.code}
              description={t.mailed.codeHint}
              isNumeric
              autoFocus
              {...form.getInputProps('code')}
            />
          </>
        )}
        <input type="email" autoComplete="username" value={email ?? ''} readOnly hidden />
        <SecretField
          label={t.mailed.choosePassword}
          description={t.passwordHint}
          autoComplete="new-password"
          autoFocus={link !== null}
          {...form.getInputProps('password')}
        />
        <Refusal text={sending.refused} />
        <Button type="submit" loading={sending.isBusy}>
          {action}
        </Button>
        <Button variant="subtle" onClick={onBack}>
          {t.mailed.again}
        </Button>
      </Stack>
    </form>
  );
}
