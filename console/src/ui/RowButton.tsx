// A small button in a row of a table. Those of all rows say the same, so a screen reader is
// told whose each one is.
import { Button, type ButtonProps } from '@mantine/core';

export function RowButton({
  label,
  of,
  ...props
}: ButtonProps & { label: string; of: string; onClick: () => void }) {
  return (
    <Button size="xs" variant="default" aria-label={`${label}: ${of}`} {...props}>
      {label}
    </Button>
  );
}
