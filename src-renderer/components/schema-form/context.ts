import { inject, provide, type InjectionKey } from 'vue'

/** What the fields of a form offer from around it. */
export interface FormContext {
  /** The API's resources, for members that name one. */
  readonly resources: readonly { readonly name: string; readonly type: string; readonly enabled: boolean }[]
  /** Scopes that are known here. */
  readonly scopes: readonly { readonly key: string; readonly description?: string | undefined }[]
  /** Leads to adding a resource whose type matches. */
  readonly addResource?: (typePattern: string) => void
}

const key: InjectionKey<() => FormContext> = Symbol('schema form')

export const provideFormContext = (context: () => FormContext) => provide(key, context)
export const useFormContext = () => inject(key, () => ({ resources: [], scopes: [] }))
