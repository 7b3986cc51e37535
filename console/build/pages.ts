// Writes `pages.json` beside the manifest: which address shows which page. By it the server says
// in the document what a page needs, so that the browser fetches that while it reads the rest.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

const PATH = /\bpath: '([^']+)'/;
const ASKS = /\basks: '([^']+)'/;
const LOADED = /\bimport\('\.\/(\w+)'\)/;

interface Listed {
  path: string;
  /** Its key in the manifest. */
  source: string;
  /** What it asks first, if it says so. */
  asks: string | null;
}

export function pages(): Plugin {
  let root = '';
  return {
    name: 'pages',
    apply: 'build',
    configResolved: (config) => {
      root = config.root;
    },
    generateBundle() {
      const listed = found(root);
      this.emitFile({ type: 'asset', fileName: 'pages.json', source: JSON.stringify(listed) });
    },
  };
}

function found(root: string): Listed[] {
  const room = join(root, 'src', 'pages');
  return readdirSync(room)
    .flatMap((section) => readdirSync(join(room, section)).map((name) => `${section}/${name}`))
    .filter((folder) => existsSync(join(room, folder, 'page.ts')))
    .sort()
    .map((folder) => {
      const text = readFileSync(join(room, folder, 'page.ts'), 'utf8');
      const [path, module] = [PATH.exec(text)?.[1], LOADED.exec(text)?.[1]];
      if (!path || !module) throw new Error(`${folder} has no path or loads no page`);
      const asks = ASKS.exec(text)?.[1] ?? null;
      return { path, source: `src/pages/${folder}/${module}.tsx`, asks };
    });
}
