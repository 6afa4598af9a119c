import type { Phase } from '@shared/catalogue'
import type { BodyChange, HeaderChange } from '@shared/traffic'
import type { Body } from './body'
import type { Exchange, Headers } from './exchange'
import { canonical } from './header-value'
import { maskedBody, maskedHeader } from './masking'

export interface Changes {
  readonly headerChanges?: HeaderChange[]
  readonly bodyChange?: BodyChange
}

/** Looks at what a step is about to change; what is called later tells what it has changed, credentials masked. */
export function watchChanges(exchange: Exchange, phase: Phase): () => Changes {
  const before = { ...exchange[phase]?.headers }
  const body = exchange[phase]?.body
  return () => {
    const message = exchange[phase]
    const headerChanges = headersChanged(before, message?.headers ?? {})
    return {
      ...(headerChanges.length === 0 ? {} : { headerChanges }),
      ...(message?.body === body ? {} : { bodyChange: { ...shown('before', body), ...shown('after', message?.body) } }),
    }
  }
}

function headersChanged(before: Headers, after: Headers): HeaderChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) => {
    const [was, is] = [textOf(before[name]), textOf(after[name])]
    if (was === is) return []
    return [
      {
        name: canonical(name),
        ...(was === undefined ? {} : { before: maskedHeader(name, was) }),
        ...(is === undefined ? {} : { after: maskedHeader(name, is) }),
      },
    ]
  })
}

const textOf = (value: Headers[string]): string | undefined => (Array.isArray(value) ? value.join(', ') : value)

function shown(when: 'before' | 'after', body: Body | undefined): Partial<BodyChange> {
  if (body === undefined) return {}
  return { [when]: maskedBody(body.text), [`${when}Bytes`]: body.bytes.length }
}
