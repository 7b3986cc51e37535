// The columns that a table can show, opened as soon as it is there.
import '~/theme/menus.css';
import { Button, Checkbox, Popover, Stack } from '@mantine/core';
import { useTexts } from '~/i18n';
import { Icon } from '~/ui/Icon';
import { useOpenedAtOnce } from '~/ui/openedAtOnce';
import type { ColumnChooserProps } from './ColumnChooser';

export function ColumnList(props: ColumnChooserProps) {
  const t = useTexts();
  const { button, isOpen, setOpen } = useOpenedAtOnce();
  return (
    <Popover
      position="bottom-end"
      withArrow
      trapFocus
      returnFocus
      opened={isOpen}
      onChange={setOpen}
    >
      <Popover.Target>
        <Button
          ref={button}
          variant="default"
          size="xs"
          leftSection={<Icon name="columns" size={15} />}
          onClick={() => setOpen(!isOpen)}
        >
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
