// Links and buttons of the kit that go to another page of the console.
import {
  Anchor,
  type AnchorProps,
  Button,
  type ButtonProps,
  NavLink,
  type NavLinkProps,
} from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import { type ComponentPropsWithoutRef, forwardRef } from 'react';

type Rest<Props> = Props & Omit<ComponentPropsWithoutRef<'a'>, keyof Props>;

export const RouterLink = createLink(
  forwardRef<HTMLAnchorElement, Rest<AnchorProps>>(function RouterLink(props, ref) {
    return <Anchor ref={ref} {...props} />;
  }),
);

export const RouterButton = createLink(
  forwardRef<HTMLAnchorElement, Rest<ButtonProps>>(function RouterButton(props, ref) {
    return <Button component="a" ref={ref} {...props} />;
  }),
);

export const RouterNavLink = createLink(
  forwardRef<HTMLAnchorElement, Rest<NavLinkProps>>(function RouterNavLink(props, ref) {
    return <NavLink component="a" ref={ref} {...props} />;
  }),
);
