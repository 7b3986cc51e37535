// The kit's own dialogs with their styles; see `dialogs.tsx`, by which pages take them.
import '~/theme/dialogs.css';

export { Drawer, Modal } from '@mantine/core';
