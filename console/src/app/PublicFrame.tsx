// The frame of pages for people who are not signed in: a bar, and one panel in the middle.
import { Box, Container, Group } from '@mantine/core';
import { Outlet } from '@tanstack/react-router';
import { useTexts } from '~/i18n';
import { Brand, Footer, Switches } from './Chrome';

export function PublicFrame() {
  const t = useTexts();
  return (
    <Box mih="100vh" display="flex" style={{ flexDirection: 'column' }}>
      <a className="y-skip" href="#main">{t.shell.skip}</a>
      <Box component="header" px="md" py="xs" className="y-bar">
        <Group justify="space-between"><Brand /><Switches /></Group>
      </Box>
      <Container component="main" id="main" tabIndex={-1} size={460} w="100%" py={40} flex={1}><Outlet /></Container>
      <Footer />
    </Box>
  );
}
