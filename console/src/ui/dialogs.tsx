// The kit's dialogs and drawers, and those that ask before they lose what was typed. Pages take
// them from here, so that their scripts come after the page.
import type { DrawerProps, ModalProps } from '@mantine/core';
import { fetchedLater, Later } from './later';

const KitModal = fetchedLater<ModalProps>(() => import('./KitDialogs').then((kit) => kit.Modal));
const KitDrawer = fetchedLater<DrawerProps>(() => import('./KitDialogs').then((kit) => kit.Drawer));
const AskingModal = fetchedLater(() => import('./FormDialogs').then((kit) => kit.FormModal));
const AskingDrawer = fetchedLater(() => import('./FormDialogs').then((kit) => kit.FormDrawer));

export function Modal(props: ModalProps) {
  return <Later dialog={KitModal} props={props} />;
}

export function Drawer(props: DrawerProps) {
  return <Later dialog={KitDrawer} props={props} />;
}

export function FormModal(props: ModalProps) {
  return <Later dialog={AskingModal} props={props} />;
}

export function FormDrawer(props: DrawerProps) {
  return <Later dialog={AskingDrawer} props={props} />;
}
