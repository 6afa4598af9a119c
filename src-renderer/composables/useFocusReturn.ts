import { nextTick, watch } from 'vue'

/**
 * Gives the focus back to where it was before dialogs opened, once they are closed; unless that is gone meanwhile. A dialog that is
 * opened by its `open` alone knows no button to return to.
 *
 * @param isOpen whether any of the page's dialogs is open
 */
export function useFocusReturn(isOpen: () => boolean): void {
  let before: Element | null = null
  watch(isOpen, (open) => {
    if (open) before = document.activeElement
    else void nextTick(() => before instanceof HTMLElement && before.isConnected && before.focus())
  })
}
