// The routes, made from the list of places. Each page is a chunk of its own; search
// parameters are plain texts.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { LoadingState } from '~/ui/States';
import { CrashPage } from './CrashPage';
import { NotFoundPage } from './NotFoundPage';
import { PLACES, type Section } from './places';
import { reaching } from './reach';
import { PublicFrame } from './PublicFrame';
import { SignedInFrame } from './SignedInFrame';
import { Root } from './Root';

const root = createRootRoute({ component: Root, notFoundComponent: NotFoundPage });

const frames = {
  public: createRoute({ getParentRoute: () => root, id: 'public', component: PublicFrame }),
  customer: createRoute({ getParentRoute: () => root, id: 'customer', component: () => <SignedInFrame section="customer" /> }),
  operator: createRoute({ getParentRoute: () => root, id: 'operator-pages', component: () => <SignedInFrame section="operator" /> }),
};

function pagesOf(section: Section) {
  return PLACES.filter((place) => place.section === section).map((place) =>
    createRoute({
      getParentRoute: () => frames[section],
      path: place.path,
      component: lazyRouteComponent(reaching(place.load)),
    }),
  );
}

const tree = root.addChildren([
  frames.public.addChildren(pagesOf('public')),
  frames.customer.addChildren(pagesOf('customer')),
  frames.operator.addChildren(pagesOf('operator')),
]);

export const router = createRouter({
  routeTree: tree,
  basepath: '/console',
  trailingSlash: 'never',
  defaultPendingComponent: LoadingState,
  defaultErrorComponent: CrashPage,
  defaultNotFoundComponent: NotFoundPage,
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const kept = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
    const text = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
    return text === '' ? '' : `?${text}`;
  },
});
