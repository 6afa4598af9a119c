import { ref } from 'vue'
import { shell } from '@/client'

/** Copies text through the desktop's clipboard; `copied` is true for two seconds, for the button to say so. */
export function useCopy() {
  const copied = ref(false)
  let timer: number | undefined

  async function copy(text: string): Promise<void> {
    await shell({ do: 'copy', text })
    copied.value = true
    window.clearTimeout(timer)
    timer = window.setTimeout(() => (copied.value = false), 2000)
  }

  return { copied, copy }
}
