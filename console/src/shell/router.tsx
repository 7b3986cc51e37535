// The routes, made from the pages that were found. Each page is a chunk of its own; search
// parameters are plain texts.
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router';
import { reaching } from '~/data/reach';
import { LoadingState } from '~/ui/States';
import { CrashPage } from './CrashPage';
import { NotFoundPage } from './NotFoundPage';
import { PublicFrame } from './PublicFrame';
import { PAGES, type Section } from './pages';
import { Root } from './Root';
import { SignedInFrame } from './SignedInFrame';

const root = createRootRoute({ component: Root, notFoundComponent: NotFoundPage });

const frames = {
  public: createRoute({ getParentRoute: () => root, id: 'public', component: PublicFrame }),
  customer: createRoute({
    getParentRoute: () => root,
    id: 'customer',
    component: () => <SignedInFrame section="customer" />,
  }),
  operator: createRoute({
    getParentRoute: () => root,
    id: 'operator-pages',
    component: () => <SignedInFrame section="operator" />,
  }),
};

function pagesOf(section: Section) {
  return PAGES.filter((page) => page.section === section).map((page) =>
    createRoute({
      getParentRoute: () => frames[section],
      path: page.path,
      component: lazyRouteComponent(reaching(page.load)),
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
