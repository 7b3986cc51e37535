// A row of filters above a table or a chart. Values come from `useFilters`, so they are in
// the address; "clear" appears when one of them is set.
import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useTexts } from '~/i18n';

export interface Filter {
  name: string;
  label: string;
  /** Text when left out. */
  type?: 'text' | 'date';
  /** Makes it a choice. */
  options?: { value: string; label: string }[];
  placeholder?: string;
}

export function FilterBar<Values extends Record<string, string>>(props: {
  filters: Filter[];
  values: Values;
  defaults: Values;
  onChange: (changed: Partial<Values>) => void;
}) {
  const t = useTexts();
  const isSet = Object.keys(props.defaults).some(
    (name) => props.values[name] !== props.defaults[name],
  );
  const set = (name: string, value: string) => props.onChange({ [name]: value } as Partial<Values>);
  return (
    <Group
      gap="xs"
      align="flex-end"
      role="search"
      aria-label={t.shell.filters}
      className="y-filters y-no-print"
    >
      {props.filters.map((filter) =>
        filter.options ? (
          <NativeSelect
            key={filter.name}
            label={filter.label}
            data={filter.options}
            size="xs"
            value={props.values[filter.name] ?? ''}
            onChange={(event) => set(filter.name, event.currentTarget.value)}
          />
        ) : (
          <TextInput
            key={`${filter.name} ${props.values[filter.name] ?? ''}`}
            label={filter.label}
            size="xs"
            type={filter.type ?? 'text'}
            placeholder={filter.placeholder}
            defaultValue={props.values[filter.name] ?? ''}
            onBlur={(event) => {
              if (event.currentTarget.value !== props.values[filter.name])
                set(filter.name, event.currentTarget.value);
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter') set(filter.name, event.currentTarget.value);
            }}
          />
        ),
      )}
      {isSet && (
        <Button variant="subtle" size="xs" onClick={() => props.onChange(props.defaults)}>
          {t.shell.clearFilters}
        </Button>
      )}
    </Group>
  );
}
