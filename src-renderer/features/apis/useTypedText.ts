import { ref, watch } from 'vue'

/**
 * A text field over a draft that comes back in its one form (trimmed, slashes put right): while it has the focus the
 * field holds what is typed; afterwards what the draft holds. Text that is not right stays here and is not told.
 */
export function useTypedText(
  source: () => string,
  commit: (text: string) => void,
  errorOf: (text: string) => string | undefined = () => undefined,
) {
  const text = ref(source())
  const error = ref<string>()
  let focused = false

  watch(source, (value) => {
    if (focused || error.value) return
    text.value = value
  })

  return {
    text,
    error,
    type(typed: unknown): void {
      text.value = String(typed ?? '')
      error.value = errorOf(text.value)
      if (!error.value) commit(text.value)
    },
    focus: () => void (focused = true),
    blur(): void {
      focused = false
      if (!error.value) text.value = source()
    },
  }
}
