// The line of a form that says why it was refused.
import { Alert } from '@mantine/core';
import { Icon } from './Icon';

export function Refusal({ text }: { text: string | null }) {
  if (text === null) return null;
  return <Alert color="red" role="alert" icon={<Icon name="warning" />}>{text}</Alert>;
}
