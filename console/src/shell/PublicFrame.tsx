// The frame of pages for people who are not signed in: a bar, and one panel in the middle.
import { Box, Container, Group } from '@mantine/core';
import { Outlet } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTexts } from '~/i18n';
import { Brand, Footer, Switches } from './Chrome';

export function PublicFrame() {
  return (
    <BarFrame size={460}>
      <Outlet />
    </BarFrame>
  );
}

/** A bar above and a footer below, for any page that has no navigation. */
export function BarFrame(props: { size: number; children: ReactNode }) {
  const t = useTexts();
  return (
    <Box mih="100vh" display="flex" style={{ flexDirection: 'column' }}>
      <a className="y-skip" href="#main">
        {t.shell.skip}
      </a>
      <Box component="header" px="md" py="xs" className="y-bar">
        <Group justify="space-between">
          <Brand />
          <Switches />
        </Group>
      </Box>
      <Container
        component="main"
        id="main"
        tabIndex={-1}
        size={props.size}
        w="100%"
        py={40}
        flex={1}
      >
        {props.children}
      </Container>
      <Footer />
    </Box>
  );
}
