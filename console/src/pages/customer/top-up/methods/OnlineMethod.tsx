// Pays online: an amount, a way to pay, and before the button what it costs and gives.
import { Alert, Button, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { api, call } from '~/api/client';
import type { MethodChoice, Order, TopUpChoices } from '~/api/types';
import { useSubmit } from '~/data/form';
import { microsOf, typed } from '~/format/format';
import { useSpeaking, useWords } from '~/i18n';
import { words as orderWords } from '~/pages/customer/order/words';
import { useAccountId, useCurrency } from '~/shell/site';
import { Amount } from '~/ui/Amount';
import { Panel } from '~/ui/Panel';
import { Refusal } from '~/ui/Refusal';
import { ErrorState, LoadingState } from '~/ui/States';
import { words } from '../words';

export function OnlineMethod() {
  const t = useWords(words);
  const account = useAccountId();
  const query = useQuery({
    queryKey: ['account', account, 'top-up'],
    queryFn: () =>
      call<TopUpChoices>(
        api.GET('/api/accounts/{account}/top-up', { params: { path: { account } } }),
      ),
  });
  if (query.data?.methods.length === 0) return null;
  return (
    <Panel title={t.online}>
      {query.isLoading ? <LoadingState rows={2} /> : null}
      {query.error && !query.data ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : null}
      {query.data && <PayForm choices={query.data} />}
    </Panel>
  );
}

interface Values extends Record<string, unknown> {
  amount: string;
  own: string;
  way: string;
}

function PayForm({ choices }: { choices: TopUpChoices }) {
  const t = useWords(words);
  const account = useAccountId();
  const currency = useCurrency();
  const navigate = useNavigate();
  const ways = useWays(choices.methods);
  const again = useSearch({ strict: false }) as { amount?: string };
  const form = useForm<Values>({
    initialValues: { ...firstAmount(choices.presets, again.amount), way: ways[0]?.id ?? '' },
    validate: {
      own: (value, values) =>
        values.amount === 'own' && microsOf(value) === null ? t.notAnAmount : null,
    },
  });
  const wanted =
    form.values.amount === 'own' ? microsOf(form.values.own) : Number(form.values.amount);
  const way = ways.find(({ id }) => id === form.values.way) ?? ways[0];
  const paying = useSubmit(form, async () => {
    const order = await call<Order>(
      api.POST('/api/accounts/{account}/orders', {
        params: { path: { account } },
        body: { method: way?.method.id ?? '', type: way?.type ?? null, amount: wanted ?? 0 },
      }),
    );
    await navigate({ to: '/orders/$order', params: { order: order.id } });
  });
  return (
    <form onSubmit={form.onSubmit((values) => void paying.submit(values))}>
      <Stack>
        {choices.debt > 0 && (
          <Alert color="red">
            {t.debt} <Amount micros={choices.debt} show="both" />
          </Alert>
        )}
        <Radio.Group label={t.amount} {...form.getInputProps('amount')}>
          <Group mt="xs" gap="md">
            {choices.presets.map((preset) => (
              <Radio
                key={preset}
                value={String(preset)}
                label={<Amount micros={preset} digits={2} />}
              />
            ))}
            <Radio value="own" label={t.ownAmount} />
          </Group>
        </Radio.Group>
        {form.values.amount === 'own' && (
          <TextInput
            label={t.ownAmountLabel(currency.symbol)}
            inputMode="decimal"
            maw={240}
            {...form.getInputProps('own')}
          />
        )}
        <Radio.Group label={t.way} {...form.getInputProps('way')}>
          <Group mt="xs" gap="md">
            {ways.map(({ id, label }) => (
              <Radio key={id} value={id} label={label} />
            ))}
          </Group>
        </Radio.Group>
        {way?.method.is_test && <Alert color="yellow">{t.isTest}</Alert>}
        {wanted !== null && way && <Cost wanted={wanted} method={way.method} choices={choices} />}
        <Refusal text={paying.refused} />
        <div>
          <Button type="submit" loading={paying.isBusy} disabled={wanted === null}>
            {t.pay}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

/** The amount that somebody comes back with, else the first preset. */
function firstAmount(presets: number[], again?: string): { amount: string; own: string } {
  const wanted = Number(again);
  if (again && !presets.includes(wanted) && wanted > 0) {
    return { amount: 'own', own: typed(wanted) };
  }
  return { amount: again && wanted > 0 ? again : String(presets[0] ?? 'own'), own: '' };
}

/** As the server reckons it: of the presets it has told, of any other amount it is asked. */
function usePrice(wanted: number, method: MethodChoice) {
  const account = useAccountId();
  const isOf = (price: MethodChoice['prices'][number]) => price.wanted === wanted;
  const told = method.prices.find(isOf);
  const query = useQuery({
    queryKey: ['account', account, 'top-up', wanted],
    queryFn: () =>
      call<TopUpChoices>(
        api.GET('/api/accounts/{account}/top-up', {
          params: { path: { account }, query: { amount: wanted } },
        }),
      ),
    enabled: told === undefined,
    retry: false,
  });
  return told ?? query.data?.methods.find(({ id }) => id === method.id)?.prices.find(isOf);
}

/** What is paid and what it gives. */
function Cost(props: { wanted: number; method: MethodChoice; choices: TopUpChoices }) {
  const t = useWords(words);
  const price = usePrice(props.wanted, props.method);
  if (!price) return <Text c="dimmed">{t.priceNext}</Text>;
  const digits = props.method.currency === 'jpy' || props.method.currency === 'krw' ? 0 : 2;
  const paid = (price.amount_minor / 10 ** digits).toFixed(digits);
  return (
    <Text>
      {t.youPay} <b>{`${paid} ${props.method.currency.toUpperCase()}`}</b>, {t.youGet}{' '}
      <Amount micros={price.credit} show="both" />
      {price.bonus > 0 && (
        <>
          {' '}
          + {t.bonus} <Amount micros={price.bonus} show="both" />
        </>
      )}
    </Text>
  );
}

interface Way {
  id: string;
  label: string;
  method: MethodChoice;
  type: string | null;
}

/** Ways that open the wallet on the phone itself, and those that show a code to another. */
const ON_PHONES = ['wap', 'h5'];
const BY_CODE = ['qr', 'native'];

/** One choice for each type of each method; what fits the device comes first. */
function useWays(methods: MethodChoice[]): Way[] {
  const types = useWords(orderWords).types as Record<string, string | undefined>;
  const isChinese = useSpeaking().language === 'zh';
  const isPhone = window.matchMedia('(pointer: coarse) and (max-width: 48em)').matches;
  const [first, last] = isPhone ? [ON_PHONES, BY_CODE] : [BY_CODE, ON_PHONES];
  const rank = ({ type }: Way) =>
    first.includes(type ?? '') ? 0 : last.includes(type ?? '') ? 2 : 1;
  const ways = methods.flatMap((method): Way[] => {
    const title = isChinese ? method.title_zh : method.title_en;
    if (method.types.length === 0) return [{ id: method.id, label: title, method, type: null }];
    return method.types.map((type) => ({
      id: `${method.id}/${type}`,
      label: types[type] ?? type,
      method,
      type,
    }));
  });
  return ways.sort((a, b) => rank(a) - rank(b));
}
