// What forms share: a refusal goes to its field where the server names one, and else to the
// line above the button; both wear the server's own words.
import type { UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import { asProblem } from '~/api/problem';
import { useTexts } from '~/i18n';

export interface Submitting<Values> {
  isBusy: boolean;
  /** What was refused without naming a field of this form. */
  refused: string | null;
  /** For a form's onSubmit. */
  submit: (values: Values) => Promise<void>;
}

export function useSubmit<Values extends Record<string, unknown>>(
  form: UseFormReturnType<Values>,
  action: (values: Values) => Promise<unknown>,
  onProblem?: (code: string) => boolean,
): Submitting<Values> {
  const t = useTexts();
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const submit = async (values: Values) => {
    setBusy(true);
    setRefused(null);
    try {
      await action(values);
    } catch (reason) {
      const problem = asProblem(reason);
      if (onProblem?.(problem.code)) return;
      const words =
        (t.shell.problems as Record<string, string | undefined>)[problem.code] ?? problem.message;
      if (problem.field !== null && problem.field in values)
        form.setFieldError(problem.field, words);
      else
        setRefused(
          problem.status === 429 && problem.retryAfterSeconds
            ? t.shell.wait(problem.retryAfterSeconds)
            : words,
        );
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, refused, submit };
}

export const PASSWORD_LENGTH_MIN = 10;

export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text.trim());
}

/** The link's secret: in the fragment, which the browser sends nowhere. */
export function linkSecret(): string {
  return window.location.hash.replace(/^#/, '');
}
