// The kit in the shop's own colour, which the browser remembers so that the first paint has it;
// and the shop's own picture on the browser's tab.
import { type CSSVariablesResolver, MantineProvider, mergeThemeOverrides } from '@mantine/core';
import { type ReactNode, useEffect, useMemo } from 'react';
import { useSiteQuery } from '~/shell/site';
import { brandOf } from './brand';
import { cssVariables, theme } from './theme';

const KEPT_AS = 'yiyuan.color';

export function BrandedTheme(props: { nonce: string; children: ReactNode }) {
  const site = useSiteQuery().data;
  const color = site?.color ?? localStorage.getItem(KEPT_AS) ?? '';
  const icon = site?.icon ?? '';
  useEffect(() => {
    if (site) localStorage.setItem(KEPT_AS, site.color);
  }, [site]);
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    if (link && icon !== '') link.href = icon;
  }, [icon]);
  const brand = useMemo(() => brandOf(color), [color]);
  const branded = useMemo(
    () => (brand ? mergeThemeOverrides(theme, { colors: { teal: brand.shades } }) : theme),
    [brand],
  );
  const variables = useMemo<CSSVariablesResolver>(
    () => (base) => {
      const plain = cssVariables(base);
      if (!brand) return plain;
      const [pale, , , , , , , , , deepest] = brand.shades;
      return {
        ...plain,
        light: {
          ...plain.light,
          ...own(brand.onLight),
          '--mantine-color-teal-light-color': deepest,
        },
        dark: { ...plain.dark, ...own(brand.onDark), '--mantine-color-teal-light-color': pale },
      };
    },
    [brand],
  );
  return (
    <MantineProvider
      theme={branded}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      getStyleNonce={() => props.nonce}
    >
      {props.children}
    </MantineProvider>
  );
}

function own(color: string): Record<string, string> {
  return { '--mantine-color-anchor': color, '--y-chart-0': color };
}
