// Asks before something that cannot be undone; with `typeToConfirm` the name must be typed.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { asProblem } from '~/api/problem';
import { useTexts } from '~/i18n';
import { FormModal } from './dialogs';

export { useCloseLabel } from './closeLabel';

export interface ConfirmDialogProps {
  isOpen: boolean;
  title: string;
  text: ReactNode;
  action: string;
  isDangerous?: boolean;
  typeToConfirm?: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
  children?: ReactNode;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <FormModal opened={props.isOpen} onClose={props.onClose} title={props.title}>
      <Body {...props} />
    </FormModal>
  );
}

function Body(props: ConfirmDialogProps) {
  const t = useTexts();
  const [typed, setTyped] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const isReady = props.typeToConfirm === undefined || typed.trim() === props.typeToConfirm;
  const confirm = async () => {
    setBusy(true);
    setRefused(null);
    try {
      await props.onConfirm();
      props.onClose();
    } catch (reason) {
      setRefused(asProblem(reason).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation(); // to the form of the page that asks: it is not sent by this
        if (isReady) void confirm();
      }}
    >
      <Stack>
        <Text component="div">{props.text}</Text>
        {props.children}
        {props.typeToConfirm !== undefined && (
          <TextInput
            data-no-guard
            label={t.shell.typeToConfirm(props.typeToConfirm)}
            value={typed}
            data-autofocus
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        {refused && (
          <Text c="red" role="alert">
            {refused}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            {t.shell.cancel}
          </Button>
          <Button
            type="submit"
            color={props.isDangerous ? 'red.9' : undefined}
            loading={isBusy}
            disabled={!isReady}
          >
            {props.action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
