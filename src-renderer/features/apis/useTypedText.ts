import { computed, ref, watch } from 'vue'
import { useApiDraft } from './api-draft'

/**
 * A text field over the draft, which comes back in its one form (trimmed, slashes put right): while it has the focus the
 * field holds what is typed; afterwards what the draft holds. Text that is not right is not saved; it stays with the
 * draft, so that it is still here when the person comes back from another tab.
 *
 * @param pointer the field's JSON pointer in the definition, by which a failed save or deployment names it
 * @param errorOf what is wrong with a text; undefined when it will do
 */
export function useTypedText(
  pointer: () => string,
  source: () => string,
  commit: (text: string) => void,
  errorOf: (text: string) => string | undefined = () => undefined,
) {
  const draft = useApiDraft()
  const unsaved = computed(() => draft.unsaved.get(pointer()))
  const text = ref(unsaved.value ?? source())
  let focused = false

  watch([source, unsaved], () => {
    if (!focused) text.value = unsaved.value ?? source()
  })

  function type(typed: unknown): void {
    text.value = String(typed ?? '')
    const wrong = errorOf(text.value)
    draft.keepText(pointer(), wrong === undefined ? undefined : text.value)
    if (wrong === undefined) commit(text.value)
  }
  function blur(): void {
    focused = false
    text.value = unsaved.value ?? source()
  }

  return {
    text,
    type,
    error: computed(() => {
      const wrong = unsaved.value === undefined ? undefined : errorOf(unsaved.value)
      return wrong === undefined ? draft.errorAt(pointer()) : `Not saved: ${wrong}`
    }),
    /** For the input's `v-bind`. */
    input: computed(() => ({
      modelValue: text.value,
      'onUpdate:modelValue': type,
      onFocus: () => void (focused = true),
      onBlur: blur,
    })),
  }
}
