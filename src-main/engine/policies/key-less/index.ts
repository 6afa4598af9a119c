import { Type } from 'typebox'
import { definePolicy } from '../policy'
import guide from './guide.md?raw'

export const keyLess = definePolicy({
  id: 'key-less',
  name: 'Keyless',
  summary: 'Lets in every call',
  category: 'security',
  icon: 'i-lucide-lock-open',
  phases: ['request'],
  configuration: Type.Object({}),
  guide,
  errors: {},
  planWants: 'no credential at all',
  create: () => ({
    request({ trace }) {
      trace?.passed('Every call is let in')
      return undefined
    },
    credential: () => ({ kind: 'none' }),
  }),
})
