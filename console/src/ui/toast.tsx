// One short message at the corner of the page, spoken by screen readers.
import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { asProblem } from '~/api/problem';
import { shell } from '~/i18n/shell';

export interface ToastAction {
  label: string;
  run: () => void;
}

/** The cross of a message has a name in the page's language. */
function closing() {
  const words = document.documentElement.lang.startsWith('zh') ? shell.zh : shell.en;
  return { closeButtonProps: { 'aria-label': words.close } };
}

/** What was done, and perhaps how to take it back. */
export function toastDone(message: string, action?: ToastAction): void {
  const id = notifications.show({
    message: action ? (
      <Group justify="space-between" wrap="nowrap">
        <span>{message}</span>
        <Button
          size="compact-sm"
          variant="light"
          onClick={() => {
            notifications.hide(id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      </Group>
    ) : (
      message
    ),
    color: 'green',
    autoClose: action ? 10_000 : 4000,
    role: 'status',
    ...closing(),
  });
}

/** A refusal that belongs to no field of a form. */
export function toastRefused(reason: unknown): void {
  const problem = asProblem(reason);
  const message = problem.requestId ? `${problem.message} (${problem.requestId})` : problem.message;
  notifications.show({ message, color: 'red', autoClose: 10_000, role: 'alert', ...closing() });
}
