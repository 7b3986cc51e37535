// Up to four models side by side: prices, limits and sizes, what is best of each marked.
import { Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { OfferedModel } from '~/api/types';
import { price as priceText } from '~/format/format';
import { useWords } from '~/i18n';
import { useCurrency } from '~/shell/site';
import { Count } from '~/ui/Count';
import { Panel } from '~/ui/Panel';
import { RouterButton } from '~/ui/RouterLink';
import { Table } from '~/ui/table/Table';
import { words } from './words';

export const COMPARED_MAX = 4;

interface Line {
  label: string;
  value: (model: OfferedModel) => number | null;
  show: (model: OfferedModel) => ReactNode;
  /** Whether less is better. */
  isPrice?: boolean;
}

export function Comparison(props: { models: OfferedModel[]; onClear: () => void }) {
  const t = useWords(words);
  const { models } = props;
  const lines = useLines();
  return (
    <Panel
      title={t.comparison}
      actions={
        <Button size="xs" variant="default" onClick={props.onClear}>
          {t.clearComparison}
        </Button>
      }
    >
      <div style={{ overflowX: 'auto' }} tabIndex={0} role="group" aria-label={t.comparison}>
        <Table label={t.comparison} data-comparison="">
          <thead>
            <tr>
              <th>{t.model}</th>
              {models.map(({ name }) => (
                <th key={name} className="y-right y-mono">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.label}>
                <th scope="row">{line.label}</th>
                {models.map((model) => (
                  <td key={model.name} className="y-right">
                    <Text span inherit fw={isBest(line, model, models) ? 700 : undefined}>
                      {line.show(model)}
                    </Text>
                  </td>
                ))}
              </tr>
            ))}
            <tr>
              <th scope="row">{t.tryIt}</th>
              {models.map((model) => (
                <td key={model.name} className="y-right">
                  <Group justify="flex-end">
                    <RouterButton
                      to="/playground"
                      search={{ model: model.name } as never}
                      variant="default"
                      size="xs"
                      aria-label={t.tryModel(model.name)}
                    >
                      {t.tryIt}
                    </RouterButton>
                  </Group>
                </td>
              ))}
            </tr>
          </tbody>
        </Table>
      </div>
    </Panel>
  );
}

function useLines(): Line[] {
  const t = useWords(words);
  const currency = useCurrency();
  const price = (label: string, kind: 'input' | 'cached_input' | 'output'): Line => ({
    label,
    isPrice: true,
    value: (model) => Number(model.price[kind]),
    show: (model) => priceText(model.price[kind], currency),
  });
  const size = (
    label: string,
    value: (model: OfferedModel) => number | null,
    absent: string,
  ): Line => ({
    label,
    value,
    show: (model) => {
      const found = value(model);
      return found === null ? absent : <Count value={found} />;
    },
  });
  return [
    price(t.input, 'input'),
    price(t.cached, 'cached_input'),
    price(t.output, 'output'),
    size(t.rpm, (model) => model.limit_rpm, t.unlimited),
    size(t.tpm, (model) => model.limit_tpm, t.unlimited),
    size(t.context, (model) => model.context_tokens, t.shell.none),
    size(t.longest, (model) => model.max_output_tokens, t.shell.none),
    {
      label: t.availability,
      value: () => null,
      show: (model) => (model.is_available ? t.available : t.unavailable),
    },
  ];
}

function isBest(line: Line, model: OfferedModel, models: OfferedModel[]): boolean {
  const values = models.map(line.value).filter((value): value is number => value !== null);
  if (values.length < 2 || new Set(values).size < 2) return false;
  return line.value(model) === (line.isPrice ? Math.min(...values) : Math.max(...values));
}
