import type { Bridge } from '@shared/bridge'

declare global {
  interface Window {
    /** Made by the preload; the only way out of the window. */
    readonly gatehouse: Bridge
  }
}

declare module 'vue-router' {
  interface RouteMeta {
    /** What the title bar and a screen reader call the page until it knows better. */
    title: string
  }
}
