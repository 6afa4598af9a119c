import { useDebounceFn } from '@vueuse/core'
import { shallowRef, watch } from 'vue'
import type { ExpressionKind } from '@shared/expression-trial'
import { call } from '@/client'

/** What of a text cannot be understood. */
export interface Fault {
  readonly reason: string
  /** Offset of the character, from 0. */
  readonly at: number
}

/** How long (ms) the text must rest before it is judged: half of an expression is no mistake yet. */
const REST_MS = 300

/** Judges a text as it is typed, by the parser that will read it at the deployment. */
export function useFault(text: () => string, kind: () => ExpressionKind | undefined) {
  const fault = shallowRef<Fault>()
  let turn = 0
  const judge = useDebounceFn(async (own: number) => {
    const judged = kind()
    const mayFail = text().includes('{') || (judged === 'condition' && text().trim() !== '')
    const trial = judged && mayFail ? await call('expressions.evaluate', { text: text(), kind: judged }).catch(() => undefined) : undefined // prettier-ignore
    if (own !== turn) return
    fault.value = trial?.ok === false && trial.at !== undefined ? { reason: trial.reason, at: trial.at } : undefined
  }, REST_MS)
  watch([text, kind], () => void judge(++turn), { immediate: true })
  return fault
}
