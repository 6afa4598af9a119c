import { inject, provide, type InjectionKey } from 'vue'
import type { KnownNames } from './completions'

/** The API whose configuration is edited: what its expressions can name, and whose requests they are tried on. */
export interface ExpressionScope {
  readonly apiId: string
  /** Its context path. */
  readonly path: string
  readonly names: KnownNames
}

const key: InjectionKey<() => ExpressionScope | undefined> = Symbol('expression scope')

export const provideExpressionScope = (scope: () => ExpressionScope | undefined) => provide(key, scope)
/** Undefined outside of an API. */
export const useExpressionScope = () => inject(key, () => undefined)
