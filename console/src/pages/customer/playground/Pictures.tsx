// Pictures beside a prompt: small, each with a way to take it off where that is possible.
import { ActionIcon, Group } from '@mantine/core';
import { useWords } from '~/i18n';
import { Icon } from '~/ui/Icon';
import { words } from './words';

export const PICTURES_MAX = 4;
export const PICTURE_BYTES_MAX = 5_000_000;

export function Pictures(props: { urls: string[]; onRemove?: (place: number) => void }) {
  const t = useWords(words);
  if (props.urls.length === 0) return null;
  return (
    <Group gap="xs">
      {props.urls.map((url, place) => (
        <Group key={place} gap={4} align="flex-start">
          <img src={url} alt={t.pictureOf(place + 1)} height={64} style={{ maxWidth: 160 }} />
          {props.onRemove && (
            <ActionIcon
              variant="subtle"
              aria-label={t.removePicture(place + 1)}
              onClick={() => props.onRemove?.(place)}
            >
              <Icon name="close" />
            </ActionIcon>
          )}
        </Group>
      ))}
    </Group>
  );
}

/** The files as addresses of `data:`; what is no picture or too large is left out. */
export async function readPictures(files: File[]): Promise<string[]> {
  const fit = files.filter(
    (file) => file.type.startsWith('image/') && file.size <= PICTURE_BYTES_MAX,
  );
  return Promise.all(fit.map(asAddress));
}

function asAddress(file: File): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });
}
