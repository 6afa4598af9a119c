import { useColorMode } from '@vueuse/core'
import { computed } from 'vue'
import { shell } from '@/client'

export type Theme = 'light' | 'dark' | 'system'

/**
 * The theme that a person chose. The window remembers it; a change is told to the desktop, which remembers it too, so
 * that its frame and dialogs match.
 */
export function useTheme() {
  const { store } = useColorMode()
  const theme = computed<Theme>({
    get: () => (store.value === 'auto' ? 'system' : store.value === 'dark' ? 'dark' : 'light'),
    set: (chosen) => {
      store.value = chosen === 'system' ? 'auto' : chosen
      // The window has its theme already; that the frame keeps the other one is nothing to stop a person for.
      void shell({ do: 'set-theme', theme: chosen }).catch(() => undefined)
    },
  })
  return theme
}
