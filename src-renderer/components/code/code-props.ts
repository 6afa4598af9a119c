import type { ExpressionKind } from '@shared/expression-trial'
import type { CodeLanguage } from './languages'

/** What a text that machines read is typed into, in whichever input. */
export interface CodeProps {
  modelValue: string
  /** What the text is written in; one of many lines with expressions tells by itself unless given. */
  language?: CodeLanguage | undefined
  /** Whether expressions {#…} may stand in it, and what for: in a text of any kind unless told. */
  expression?: boolean | ExpressionKind | undefined
  multiline?: boolean | undefined
  placeholder?: string | undefined
  /** Its form says that it is not right. */
  invalid?: boolean | undefined
  /** Without the button that leads to trying it. */
  bare?: boolean | undefined
}
