// A dialog or drawer with a form in it: who has typed something is asked before it is lost by
// Escape, a click beside it or the closing button. What saves closes it by its own state.
import {
  Button,
  Drawer,
  type DrawerProps,
  Group,
  Modal,
  type ModalProps,
  Stack,
  Text,
} from '@mantine/core';
import '~/theme/dialogs.css';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTexts } from '~/i18n';
import { useCloseLabel } from './closeLabel';

/** Kinds of fields in which people write; what is only chosen is chosen again quickly. */
const TEXTS = new Set(['text', 'password', 'email', 'url', 'search', 'datetime-local']);

export function FormModal({ children, ...props }: ModalProps) {
  const guard = useGuard(props);
  return (
    <Modal
      {...props}
      closeOnEscape={props.closeOnEscape !== false && !guard.isAsking}
      closeButtonProps={useCloseLabel()}
      onClose={guard.close}
    >
      <div onInput={guard.note}>{children}</div>
      {guard.question}
    </Modal>
  );
}

export function FormDrawer({ children, ...props }: DrawerProps) {
  const guard = useGuard(props);
  return (
    <Drawer
      {...props}
      closeOnEscape={props.closeOnEscape !== false && !guard.isAsking}
      closeButtonProps={useCloseLabel()}
      onClose={guard.close}
    >
      <div onInput={guard.note}>{children}</div>
      {guard.question}
    </Drawer>
  );
}

function useGuard(props: { opened: boolean; onClose: () => void; closeOnEscape?: boolean }) {
  const { opened, onClose } = props;
  const t = useTexts();
  const isTyped = useRef(false);
  const [isAsking, setAsking] = useState(false);
  useEffect(() => {
    if (!opened) isTyped.current = false;
  }, [opened]);
  const note = (event: FormEvent) => {
    const field = event.target as HTMLInputElement;
    const isText = field.tagName === 'TEXTAREA' || TEXTS.has(field.type);
    if (isText && !field.closest('[data-no-guard]')) isTyped.current = true;
  };
  // What may not be closed by Escape shows a secret: nothing is typed any more.
  const isOver = props.closeOnEscape === false;
  const close = () => {
    if (!isTyped.current || isOver) onClose();
    // After the key that closes it, which the question would hear as well.
    else setTimeout(() => setAsking(true));
  };
  const discard = () => {
    setAsking(false);
    isTyped.current = false;
    onClose();
  };
  const question = (
    <Modal
      opened={isAsking}
      onClose={() => setAsking(false)}
      title={t.shell.discardTitle}
      size="sm"
      closeButtonProps={useCloseLabel()}
    >
      <Stack>
        <Text>{t.shell.discardText}</Text>
        <Group justify="flex-end">
          <Button data-autofocus variant="default" onClick={() => setAsking(false)}>
            {t.shell.keepEditing}
          </Button>
          <Button color="red.9" onClick={discard}>
            {t.shell.discard}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
  return { note, close, question, isAsking };
}
