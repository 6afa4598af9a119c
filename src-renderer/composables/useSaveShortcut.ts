import { onBeforeUnmount, onMounted } from 'vue'

/** Ctrl+S or Cmd+S saves what is on the page. */
export function useSaveShortcut(save: () => unknown): void {
  function onKeydown(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== 's') return
    event.preventDefault()
    void save()
  }
  onMounted(() => window.addEventListener('keydown', onKeydown))
  onBeforeUnmount(() => window.removeEventListener('keydown', onKeydown))
}
