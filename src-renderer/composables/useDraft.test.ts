import { nextTick, ref } from 'vue'
import { expect, it } from 'vitest'
import { ProblemError } from '@shared/problem'
import { useDraft } from './useDraft'

const taken = {
  ...{ key: 'DOMAIN_PATH_TAKEN', status: 409, title: 'Another domain has this path' },
  errors: [{ field: '/path', message: 'Domain Demo has the path demo.', remedy: 'Choose another.' }],
}

it('saves what was typed and is clean again', async () => {
  const saved = ref({ name: 'Demo', path: 'demo' })
  const draft = useDraft(
    () => saved.value,
    async (form) => (saved.value = form),
  )
  expect(draft.dirty.value).toBe(false)
  draft.form.name = 'Shop'
  expect(draft.dirty.value).toBe(true)
  expect(await draft.save()).toBe(true)
  await nextTick()
  expect(draft.dirty.value).toBe(false)
  expect(saved.value).toEqual({ name: 'Shop', path: 'demo' })
})

it('keeps what was typed when saving fails, and tells the field what is wrong with it', async () => {
  const draft = useDraft(
    () => ({ name: 'Shop', path: 'shop' }),
    () => Promise.reject(new ProblemError(taken)),
  )
  draft.form.path = 'demo'
  expect(await draft.save()).toBe(false)
  expect(draft.form.path).toBe('demo')
  expect(draft.dirty.value).toBe(true)
  expect(draft.errorOf('/path')).toBe('Domain Demo has the path demo. Choose another.')
  expect(draft.errorOf('/name')).toBeUndefined()
})

it('takes a change from outside over only in fields that were left alone', async () => {
  const saved = ref({ name: 'Demo', path: 'demo', enabled: true })
  const draft = useDraft(
    () => saved.value,
    async (form) => (saved.value = form),
  )
  draft.form.name = 'Typed here'
  saved.value = { name: 'Written in an editor', path: 'demo-2', enabled: true }
  await nextTick()
  expect(draft.form).toEqual({ name: 'Typed here', path: 'demo-2', enabled: true })
  expect(draft.dirty.value).toBe(true)
  draft.reset()
  expect(draft.form.name).toBe('Written in an editor')
  expect(draft.dirty.value).toBe(false)
})
