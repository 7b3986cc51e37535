// Which columns of a table are shown; the choice is kept in this browser.
import { Button, Checkbox, Popover, Stack } from '@mantine/core';
import { useTexts } from '~/i18n';
import { Icon } from '~/ui/Icon';

export function ColumnChooser(props: {
  columns: { id: string; header: string }[];
  visibility: Record<string, boolean>;
  onChange: (visibility: Record<string, boolean>) => void;
}) {
  const t = useTexts();
  return (
    <Popover position="bottom-end" withArrow trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" size="xs" leftSection={<Icon name="columns" size={15} />}>
          {t.shell.columns}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t.shell.columns}>
        <Stack gap="sm">
          {props.columns
            .filter((column) => column.header !== '')
            .map((column) => (
              <Checkbox
                key={column.id}
                label={column.header}
                checked={props.visibility[column.id] !== false}
                onChange={(event) =>
                  props.onChange({ ...props.visibility, [column.id]: event.currentTarget.checked })
                }
              />
            ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
