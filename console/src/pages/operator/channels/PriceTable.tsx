// Prices of models that are not on offer yet: typed, pasted from a spreadsheet, or taken from
// a price list, times a rate and a markup. What is given here is what will be saved.
import { Alert, Button, FileButton, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '~/i18n';
import { useCurrency } from '~/shell/site';
import { Table } from '~/ui/table/Table';
import { type ModelPrice, type PriceList, readPriceFile, readSheet } from './priceList';
import { words } from './words';

const EMPTY: ModelPrice = { input: '', output: '', cached_input: '' };
const METERS = ['input', 'cached_input', 'output'] as const;

export function PriceTable(props: {
  models: string[];
  prices: PriceList;
  onChange: (prices: PriceList) => void;
}) {
  const t = useWords(words);
  const { symbol } = useCurrency();
  const { models, prices, onChange } = props;
  const change = (model: string, meter: keyof ModelPrice, value: string) =>
    onChange(
      new Map(prices).set(model, { ...(prices.get(model) ?? EMPTY), [meter]: value.trim() }),
    );
  return (
    <Alert color="gray" title={t.newModels(models.length)} data-new-models="">
      <Stack gap="sm">
        <Text size="sm">{t.newModelsText(symbol)}</Text>
        <Sources models={models} prices={prices} onChange={onChange} />
        <Table label={t.newModels(models.length)}>
          <thead>
            <tr>
              <th scope="col">{t.model}</th>
              {METERS.map((meter) => (
                <th key={meter} scope="col">
                  {t.meters[meter]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {models.map((model) => (
              <tr key={model}>
                <td className="y-mono">{model}</td>
                {METERS.map((meter) => (
                  <td key={meter}>
                    <TextInput
                      size="xs"
                      w={84}
                      inputMode="decimal"
                      aria-label={`${model}: ${t.meters[meter]}`}
                      value={prices.get(model)?.[meter] ?? ''}
                      onChange={(event) => change(model, meter, event.currentTarget.value)}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </Table>
      </Stack>
    </Alert>
  );
}

function Sources(props: {
  models: string[];
  prices: PriceList;
  onChange: (prices: PriceList) => void;
}) {
  const t = useWords(words);
  const { symbol } = useCurrency();
  const [rate, setRate] = useState('7.1');
  const [markup, setMarkup] = useState('1.2');
  const [told, setTold] = useState('');
  const take = (list: PriceList | null) => {
    const found = props.models.filter((model) => list?.has(model));
    setTold(list === null ? t.noPriceList : t.taken(found.length, props.models.length));
    const next = new Map(props.prices);
    for (const model of found) next.set(model, list?.get(model) ?? EMPTY);
    props.onChange(next);
  };
  const fromFile = async (file: File | null) => {
    if (file) take(readPriceFile(await file.text(), Number(rate) * Number(markup)));
  };
  return (
    <Stack gap="xs">
      <Textarea
        size="xs"
        label={t.paste}
        placeholder={'gpt-4\t30\t60'}
        autosize
        minRows={1}
        maxRows={4}
        onChange={(event) => {
          const list = readSheet(event.currentTarget.value);
          if (list.size > 0) take(list);
        }}
      />
      <Group gap="xs" align="flex-end">
        <TextInput
          size="xs"
          w={120}
          label={t.rate(symbol)}
          inputMode="decimal"
          value={rate}
          onChange={(event) => setRate(event.currentTarget.value)}
        />
        <TextInput
          size="xs"
          w={90}
          label={t.markup}
          inputMode="decimal"
          value={markup}
          onChange={(event) => setMarkup(event.currentTarget.value)}
        />
        <FileButton accept="application/json,.json" onChange={(file) => void fromFile(file)}>
          {(button) => (
            <Button {...button} size="xs" variant="default">
              {t.fromFile}
            </Button>
          )}
        </FileButton>
        <Text size="xs" role="status">
          {told}
        </Text>
      </Group>
    </Stack>
  );
}
