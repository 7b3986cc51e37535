// What both frames share: the shop's name, the language and theme switches, the footer.
import {
  ActionIcon,
  Anchor,
  Box,
  Button,
  Group,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { LANGUAGES, useSpeaking } from '~/i18n';
import { Icon } from '~/ui/Icon';
import { RouterLink } from '~/ui/RouterLink';
import { useSite } from './site';

export function Brand() {
  const { name, logo } = useSite();
  return (
    <RouterLink to="/" underline="never" fw={700} fz="lg">
      {logo ? <img src={logo} alt={name} height={28} style={{ maxWidth: '10rem' }} /> : name}
    </RouterLink>
  );
}

export function Switches() {
  return (
    <Group gap="xs" wrap="nowrap">
      <LanguageSwitch />
      <ThemeSwitch />
    </Group>
  );
}

function LanguageSwitch() {
  const { language, setLanguage } = useSpeaking();
  const other = language === 'zh' ? 'en' : 'zh';
  return (
    <Button
      variant="default"
      size="xs"
      lang={other === 'zh' ? 'zh-CN' : 'en'}
      onClick={() => setLanguage(other)}
    >
      {LANGUAGES[other]}
    </Button>
  );
}

function ThemeSwitch() {
  const { t } = useSpeaking();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const label = scheme === 'dark' ? t.shell.toLight : t.shell.toDark;
  return (
    <ActionIcon
      variant="default"
      size={30}
      title={label}
      aria-label={label}
      onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
    >
      <Icon name={scheme === 'dark' ? 'sun' : 'moon'} size={16} />
    </ActionIcon>
  );
}

export function Footer() {
  const { t } = useSpeaking();
  const site = useSite();
  return (
    <Box component="footer" px="md" py="md">
      <Group gap="md" justify="center">
        <Anchor href={site.docs_url} size="sm">
          {t.shell.docs}
        </Anchor>
        {site.has_status_page && (
          <Anchor href="/status" size="sm">
            {t.shell.status}
          </Anchor>
        )}
        {site.contact && (
          <Text size="sm" c="dimmed">
            {t.shell.contact(site.contact)}
          </Text>
        )}
        {site.icp && (
          <Text size="sm" c="dimmed">
            {site.icp}
          </Text>
        )}
      </Group>
    </Box>
  );
}
