// One short message at the corner of the page, spoken by screen readers.
import { notifications } from '@mantine/notifications';
import { asProblem } from '~/api/problem';

export function toastDone(message: string): void {
  notifications.show({ message, color: 'green', autoClose: 4000, role: 'status' });
}

/** A refusal that belongs to no field of a form. */
export function toastRefused(reason: unknown): void {
  const problem = asProblem(reason);
  const message = problem.requestId ? `${problem.message} (${problem.requestId})` : problem.message;
  notifications.show({ message, color: 'red', autoClose: 10_000, role: 'alert' });
}
