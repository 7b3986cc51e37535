// The one place for colour, shape and type. Contrast is WCAG AA in both schemes: the
// kit's own "light" and "subtle" variants are too pale, so their colours are set here.
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const teal: MantineColorsTuple = [
  '#e6f7f9',
  '#cceef2',
  '#9edde5',
  '#66c9d6',
  '#38b4c6',
  '#1a9fb4',
  '#0f8ea3',
  '#0b7285',
  '#095f6f',
  '#064754',
];

const SYSTEM_FONTS =
  'system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Hiragino Sans GB", ' +
  '"Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

/** A dialog's head is a header element, which must not count as the page's banner. */
const NO_BANNER = { header: { role: 'presentation' } };

export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: 7,
  colors: { teal },
  autoContrast: true,
  fontFamily: SYSTEM_FONTS,
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: { fontFamily: SYSTEM_FONTS, fontWeight: '650' },
  defaultRadius: 'md',
  radius: { md: '8px' },
  respectReducedMotion: true,
  focusRing: 'auto',
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Loader: { defaultProps: { 'aria-hidden': true } },
    Modal: {
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.45 },
        attributes: NO_BANNER,
      },
    },
    Drawer: { defaultProps: { position: 'right', size: 'lg', attributes: NO_BANNER } },
    // Its first item has the focus when a menu opens; an empty placeholder is no item of it.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Badge: { styles: { label: { textTransform: 'none' } }, defaultProps: { radius: 'sm' } },
  },
});

// Text on tinted ground, per colour: dark enough in light, light enough in dark.
const TINTED = ['teal', 'red', 'orange', 'yellow', 'green', 'gray', 'blue'] as const;
const LIGHT_TEXT: Record<(typeof TINTED)[number], string> = {
  teal: '#064754',
  red: '#a51111',
  orange: '#8a3800',
  yellow: '#6b4e00',
  green: '#1b5e2a',
  gray: '#3b4248',
  blue: '#0b4a8f',
};
const DARK_TEXT: Record<(typeof TINTED)[number], string> = {
  teal: '#9edde5',
  red: '#ffb3b3',
  orange: '#ffc89b',
  yellow: '#ffe08a',
  green: '#a9e5b4',
  gray: '#d5dade',
  blue: '#a9cffa',
};

const tinted = (texts: Record<string, string>) =>
  Object.fromEntries(
    TINTED.map((name) => [`--mantine-color-${name}-light-color`, texts[name] ?? '']),
  );

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...tinted(LIGHT_TEXT),
    '--mantine-color-dimmed': '#545d64',
    '--mantine-color-placeholder': '#626b72',
    '--mantine-color-error': '#b42318',
    '--mantine-color-red-text': '#b42318',
    '--mantine-color-anchor': '#0b7285',
    '--mantine-color-body': '#ffffff',
    '--y-ground': '#f6f8f9',
    '--y-line': '#dfe4e7',
    '--y-chart-0': '#0b7285',
    '--y-chart-1': '#d9730d',
    '--y-chart-2': '#5f3dc4',
    '--y-chart-3': '#2b8a3e',
    '--y-chart-4': '#c2255c',
    '--y-chart-5': '#868e96',
  },
  dark: {
    ...tinted(DARK_TEXT),
    '--mantine-color-dimmed': '#a8b3ba',
    '--mantine-color-placeholder': '#98a3aa',
    '--mantine-color-error': '#ff9a92',
    '--mantine-color-red-text': '#ff9a92',
    '--mantine-color-anchor': '#66c9d6',
    '--mantine-color-body': '#171c1f',
    '--mantine-color-text': '#e3e8eb',
    '--y-ground': '#101416',
    '--y-line': '#30383d',
    '--y-chart-0': '#38b4c6',
    '--y-chart-1': '#ffa94d',
    '--y-chart-2': '#b197fc',
    '--y-chart-3': '#8ce99a',
    '--y-chart-4': '#faa2c1',
    '--y-chart-5': '#adb5bd',
  },
});
