// How the console is bundled: hashed names under /console/assets, a placeholder for the
// nonce that the server puts in, and a .gz and .br beside every file that gains by it.
import { fileURLToPath, URL } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressed } from './build/compressed.ts';
import { pages } from './build/pages.ts';

const server = process.env.YIYUAN_DEV_SERVER ?? 'http://127.0.0.1:8000';

export default defineConfig({
  base: '/console/',
  plugins: [react(), pages(), compressed()],
  html: { cspNonce: '__NONCE__' },
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: '../src/yiyuan/api/console_assets',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 900,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
  },
  server: { proxy: { '/api': server, '/v1': server, '/docs': server } },
});
