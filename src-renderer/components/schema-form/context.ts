import { inject, provide, type InjectionKey } from 'vue'
import type { Whole } from '@shared/schema-conditions'

/** What the fields of a form offer from around it. */
export interface FormContext {
  /** The API's resources, for members that name one. */
  readonly resources: readonly { readonly name: string; readonly type: string; readonly enabled: boolean }[]
  /** Scopes that are known here. */
  readonly scopes: readonly { readonly key: string; readonly description?: string | undefined }[]
  /** Leads to adding a resource whose type matches. */
  readonly addResource?: (typePattern: string) => void
  /** JSON pointer of the member that somebody was led to: it is shown, with the focus on it. */
  readonly asked?: string | undefined
  /** What `@…` in a condition means here, such as the phase of a step. */
  readonly place?: Readonly<Record<string, unknown>>
}

const key: InjectionKey<() => FormContext> = Symbol('schema form')
const wholeKey: InjectionKey<() => Whole> = Symbol('whole configuration')

export function provideForm(context: () => FormContext, whole: () => Whole): void {
  provide(key, context)
  provide(wholeKey, whole)
}
export const useFormContext = () => inject(key, () => ({ resources: [], scopes: [] }))
/** The configuration from its root, which conditions may look at. */
export const useWhole = () => inject(wholeKey, () => ({ schema: {}, value: {} }))
