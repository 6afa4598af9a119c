import { resolve } from 'node:path'
import { defineConfig } from 'electron-vite'
import ui from '@nuxt/ui/vite'
import vue from '@vitejs/plugin-vue'
import { licenceCollector } from './scripts/lib/licences.mjs'

const root = import.meta.dirname
const alias = { '@shared': resolve(root, 'src-shared') }

// classic-level is a native addon and is the one dependency that ships as itself; all others are bundled, so that
// the engine starts from a few files and the installers carry no node_modules tree.
const native = ['classic-level', 'electron']

/** What is given away, and under which licences: the window shows it, and the build fails of one that is not free. */
const licences = licenceCollector({
  root,
  file: resolve(root, 'out/THIRD-PARTY-LICENSES.txt'),
  unbundled: ['classic-level'],
  texts: resolve(root, 'scripts/lib/licence-texts'),
})

export default defineConfig({
  main: {
    plugins: [licences()],
    resolve: { alias },
    build: {
      externalizeDeps: false,
      outDir: 'out/main',
      target: 'node20',
      rollupOptions: {
        input: {
          index: resolve(root, 'src-main/index.ts'),
          cli: resolve(root, 'src-main/cli.ts'),
          'engine/worker': resolve(root, 'src-main/engine/worker.ts'),
          'formats/reading-thread': resolve(root, 'src-main/management/formats/reading-thread.ts'),
        },
        external: native,
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    plugins: [licences()],
    resolve: { alias },
    build: {
      externalizeDeps: false,
      outDir: 'out/preload',
      rollupOptions: {
        input: resolve(root, 'src-main/preload.ts'),
        external: native,
        // A sandboxed preload must be CommonJS.
        output: { format: 'cjs', entryFileNames: 'index.cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    resolve: { alias: { ...alias, '@': resolve(root, 'src-renderer') } },
    build: {
      outDir: 'out/renderer',
      // Small fonts would become data: addresses, which the window's Content-Security-Policy refuses.
      assetsInlineLimit: 0,
      rollupOptions: { input: resolve(root, 'src-renderer/index.html') },
    },
    plugins: [
      licences(),
      vue(),
      ui({
        autoImport: false,
        components: { dts: resolve(root, 'src-renderer/components.d.ts') },
        ui: {
          colors: { primary: 'gate', neutral: 'zinc' },
          modal: { slots: { header: 'shrink-0' } },
        },
        colorMode: true,
      }),
    ],
  },
})
