// What proves a person within a form: the password of those who have one, and a code of those
// who use an authenticator. Who has no password is asked otherwise, by the frame's dialog.
import type { GetInputPropsReturnType } from '@mantine/form';
import { useWords } from '~/i18n';
import { auth } from '~/i18n/auth';
import { useSession } from '~/shell/site';
import { CodeField } from '~/ui/CodeField';
import { SecretField } from '~/ui/SecretField';
import { words } from './words';

export function ProofFields(props: {
  password: GetInputPropsReturnType;
  totp?: GetInputPropsReturnType;
}) {
  const t = useWords(words);
  const authTexts = useWords(auth);
  const { user } = useSession();
  return (
    <>
      {user.has_password && (
        <SecretField label={t.oldPassword} autoComplete="current-password" {...props.password} />
      )}
      {user.has_password && user.has_totp && props.totp && (
        <CodeField label={authTexts.signIn.totp} {...props.totp} />
      )}
    </>
  );
}
