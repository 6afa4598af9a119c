import { nextTick, onMounted, useTemplateRef, watch, type ShallowRef } from 'vue'
import { useRoute } from 'vue-router'

/** The heading of a section of the settings, in its template `ref="heading"`: a link to `#name` leads to it, and the keyboard with it. */
export function useAskedSection(name: string): Readonly<ShallowRef<HTMLElement | null>> {
  const route = useRoute()
  const heading = useTemplateRef<HTMLElement>('heading')
  async function showWhenAsked(): Promise<void> {
    if (route.hash !== `#${name}`) return
    await nextTick()
    heading.value?.scrollIntoView({ block: 'start' })
    heading.value?.focus()
  }
  onMounted(showWhenAsked)
  watch(() => route.hash, showWhenAsked)
  return heading
}
