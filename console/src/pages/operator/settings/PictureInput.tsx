// A small picture of the shop: chosen from the disk, kept as a data URI.
import { Button, FileButton, Group, Input } from '@mantine/core';
import { useWords } from '~/i18n';
import { toastRefused } from '~/ui/toast';
import { words } from './words';

const BYTES_MAX = 32 * 1024;
const TYPES = 'image/svg+xml,image/png,image/jpeg,image/webp,image/x-icon';

export function PictureInput(props: {
  label: string;
  description?: string;
  error?: unknown;
  value?: string;
  disabled: boolean;
  onChange?: (value: string) => void;
}) {
  const t = useWords(words);
  const read = (file: File | null) => {
    if (!file) return;
    if (file.size > BYTES_MAX) {
      toastRefused(new Error(t.pictureTooLarge));
      return;
    }
    const reader = new FileReader();
    reader.onload = () => props.onChange?.(String(reader.result));
    reader.readAsDataURL(file);
  };
  return (
    <Input.Wrapper
      label={props.label}
      description={props.description}
      error={typeof props.error === 'string' ? props.error : undefined}
    >
      <Group mt={4}>
        {props.value && <img src={props.value} alt={props.label} height={32} />}
        <FileButton accept={TYPES} onChange={read} disabled={props.disabled}>
          {(button) => (
            <Button variant="default" {...button} aria-label={`${t.choosePicture}: ${props.label}`}>
              {t.choosePicture}
            </Button>
          )}
        </FileButton>
      </Group>
    </Input.Wrapper>
  );
}
