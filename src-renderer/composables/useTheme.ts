import { useColorMode } from '@vueuse/core'
import { computed, watch } from 'vue'
import { shell } from '@/client'

export type Theme = 'light' | 'dark' | 'system'

/** The theme that a person chose; remembered by the window and told to the desktop, so that its frame and dialogs match. */
export function useTheme() {
  const { store } = useColorMode()
  const theme = computed<Theme>({
    get: () => (store.value === 'auto' ? 'system' : store.value === 'dark' ? 'dark' : 'light'),
    set: (chosen) => {
      store.value = chosen === 'system' ? 'auto' : chosen
    },
  })

  /** Keeps the desktop in step; called once, by the app. */
  function followTheme(): void {
    watch(theme, (chosen) => void shell({ do: 'set-theme', theme: chosen }).catch(() => undefined), { immediate: true })
  }

  return { theme, followTheme }
}
