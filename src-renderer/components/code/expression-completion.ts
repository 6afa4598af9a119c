import { autocompletion, type Completion as Offer, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete' // prettier-ignore
import type { Extension } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import type { ExpressionKind } from '@shared/expression-trial'
import { completionsAt, type Completion, type KnownNames } from '@/components/expressions/completions'

export interface ExpressionSupport {
  readonly kind: () => ExpressionKind
  readonly names: () => KnownNames
}

/** Offers what may stand in an expression, each with a line on what it is. */
export function expressionCompletion({ kind, names }: ExpressionSupport, multiline: boolean): Extension {
  return autocompletion({
    override: [(context) => offersAt(context, kind(), names())],
    icons: false,
    // As many as fit without a scroll bar, which nobody could reach with the keyboard; the arrow keys bring the others.
    maxRenderedOptions: 10,
    // On one line Enter does nothing else that it could be pressed for.
    ...(multiline ? {} : { interactionDelay: 0 }),
    addToOptions: [{ position: 90, render: summaryOf }],
  })
}

function summaryOf({ info }: Offer): HTMLElement | null {
  if (typeof info !== 'string') return null
  const summary = document.createElement('span')
  summary.className = 'cm-completionSummary'
  summary.textContent = info
  return summary
}

function offersAt(
  { state, pos, explicit }: CompletionContext,
  kind: ExpressionKind,
  names: KnownNames,
): CompletionResult | null {
  // prettier-ignore
  const text = state.doc.toString()
  const found = completionsAt(text, pos, kind, names, explicit)
  if (found === undefined) return null
  const rest = text.slice(pos, found.to)
  return {
    from: found.from,
    validFor: found.stays,
    options: found.options.map((option, index) => offerOf(option, index, rest)),
  }
}

/** @param rest what stands behind the caret and is replaced too */
function offerOf(
  { label, detail, info, likely, insert = label, back = 0 }: Completion,
  index: number,
  rest: string,
): Offer {
  // prettier-ignore
  return {
    label,
    ...(detail === undefined ? {} : { detail }),
    info,
    boost: (likely ? 50 : 0) - Math.min(index, 49) / 10,
    apply(view: EditorView, _offer: Offer, from: number, to: number) {
      const end = view.state.sliceDoc(to, to + rest.length) === rest ? to + rest.length : to
      const caret = from + insert.length - back
      view.dispatch({
        changes: { from, to: end, insert },
        selection: { anchor: caret },
        scrollIntoView: true,
        userEvent: 'input.complete',
      })
    },
  }
}
