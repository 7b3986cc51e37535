// Copies a text and says so, also to a screen reader.
import { ActionIcon, Button } from '@mantine/core';
import { useState } from 'react';
import { useTexts } from '~/i18n';
import { Icon } from './Icon';

const SHOWN_MS = 2000;

export function CopyButton(props: { value: string; label?: string; isWide?: boolean }) {
  const t = useTexts();
  const [isCopied, setCopied] = useState(false);
  const label = props.label ?? t.shell.copy;
  const copy = async () => {
    await writeText(props.value);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  const icon = <Icon name={isCopied ? 'check' : 'copy'} size={16} />;
  return (
    <>
      {props.isWide ? (
        <Button variant="default" leftSection={icon} onClick={() => void copy()}>
          {label}
        </Button>
      ) : (
        <ActionIcon
          variant="default"
          title={isCopied ? t.shell.copied : label}
          aria-label={label}
          onClick={() => void copy()}
        >
          {icon}
        </ActionIcon>
      )}
      <span className="y-hidden" aria-live="polite">
        {isCopied ? t.shell.copied : ''}
      </span>
    </>
  );
}

/** The clipboard needs a secure context; plain http in a home network has only the old way. */
async function writeText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
