// A new key for a token; the old one goes on for a chosen while, so nothing stops.
import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { asProblem } from '~/api/problem';
import type { ApiToken, NewKey } from '~/api/types';
import { useTexts } from '~/i18n';
import { useCloseLabel } from '~/ui/ConfirmDialog';
import { Refusal } from '~/ui/Refusal';
import { useTokenCalls } from './changes';

const OVERLAPS = [0, 3_600, 86_400, 604_800] as const;
const USUAL = '86400';

interface RotateDialogProps {
  token: ApiToken | null;
  onClose: () => void;
  onMade: (key: NewKey) => void;
}

export function RotateDialog(props: RotateDialogProps) {
  const t = useTexts().tokens;
  return (
    <Modal opened={props.token !== null} onClose={props.onClose} title={t.rotate} closeButtonProps={useCloseLabel()}>
      {props.token && <Body {...props} token={props.token} />}
    </Modal>
  );
}

function Body({ token, onClose, onMade }: RotateDialogProps & { token: ApiToken }) {
  const t = useTexts();
  const calls = useTokenCalls();
  const [overlap, setOverlap] = useState(USUAL);
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const rotate = async () => {
    setBusy(true);
    try {
      onMade({ ...(await calls.rotate(token.id, Number(overlap))), name: token.name });
    } catch (reason) {
      setRefused(asProblem(reason).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack>
      <Text>{t.tokens.rotateText(token.name)}</Text>
      <Radio.Group label={t.tokens.overlap} value={overlap} onChange={setOverlap}>
        <Stack gap="xs" mt="xs">
          {OVERLAPS.map((seconds) => <Radio key={seconds} value={String(seconds)} label={t.tokens.overlaps[seconds]} />)}
        </Stack>
      </Radio.Group>
      <Refusal text={refused} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>{t.shell.cancel}</Button>
        <Button loading={isBusy} onClick={() => void rotate()}>{t.tokens.rotate}</Button>
      </Group>
    </Stack>
  );
}
