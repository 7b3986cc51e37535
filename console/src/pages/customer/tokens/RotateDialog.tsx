// A new key for a token; the old one goes on for a chosen while, so nothing stops.
import { Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { asProblem } from '~/api/problem';
import type { ApiToken, NewKey } from '~/api/types';
import { useWords } from '~/i18n';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { Modal } from '~/ui/dialogs';
import { Refusal } from '~/ui/Refusal';
import { type Overlap, useTokenCalls } from './changes';
import { words } from './words';

const OVERLAPS: Overlap[] = [0, 3_600, 86_400, 604_800];
const USUAL: Overlap = 86_400;

interface RotateDialogProps {
  token: ApiToken | null;
  onClose: () => void;
  onMade: (key: NewKey) => void;
}

export function RotateDialog(props: RotateDialogProps) {
  const t = useWords(words);
  return (
    <Modal
      opened={props.token !== null}
      onClose={props.onClose}
      title={t.rotate}
      closeButtonProps={useCloseLabel()}
    >
      {props.token && <Body {...props} token={props.token} />}
    </Modal>
  );
}

function Body({ token, onClose, onMade }: RotateDialogProps & { token: ApiToken }) {
  const t = useWords(words);
  const calls = useTokenCalls();
  const [overlap, setOverlap] = useState<Overlap>(USUAL);
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const rotate = async () => {
    setBusy(true);
    try {
      onMade(await calls.rotate(token.id, overlap));
    } catch (reason) {
      setRefused(asProblem(reason).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack>
      <Text>{t.rotateText(token.name)}</Text>
      <NativeSelect
        label={t.overlap}
        value={String(overlap)}
        onChange={(event) => setOverlap(Number(event.currentTarget.value) as Overlap)}
        data={OVERLAPS.map((seconds) => ({ value: String(seconds), label: t.overlaps[seconds] }))}
      />
      <Refusal text={refused} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t.shell.cancel}
        </Button>
        <Button loading={isBusy} onClick={() => void rotate()}>
          {t.rotate}
        </Button>
      </Group>
    </Stack>
  );
}
