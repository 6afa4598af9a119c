import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick, reactive } from 'vue'
import { ProblemError } from '@shared/problem'
import { followName, useNewForm } from './useNewForm'

const derive = (name: string) => name.toLowerCase().replaceAll(' ', '-')

describe('the path of a new thing', () => {
  it('follows the name until the person writes another', async () => {
    const form = reactive({ name: '', path: '' })
    followName(form, derive)
    const typed = async (change: Partial<typeof form>) => {
      Object.assign(form, change)
      await nextTick()
      return form.path
    }
    expect(await typed({ name: 'My orders' })).toBe('my-orders')
    expect(await typed({ name: 'Orders' })).toBe('orders')
    expect(await typed({ path: 'shop' })).toBe('shop')
    expect(await typed({ name: 'Other' })).toBe('shop')
    // Taken away by hand it stays away.
    expect(await typed({ path: '' })).toBe('')
    expect(await typed({ name: 'Others' })).toBe('')
    // Blank again, it follows again.
    expect(await typed({ name: '', path: '' })).toBe('')
    expect(await typed({ name: 'New' })).toBe('new')
  })
})

describe('a form for something new', () => {
  // No page here, and so no field to go to.
  beforeEach(() => vi.stubGlobal('document', { querySelector: () => null }))
  afterEach(() => vi.unstubAllGlobals())

  const problem = { key: 'NAME_TAKEN', status: 409, title: 'Taken', errors: [{ field: '/name', message: 'Taken' }] }
  function newForm() {
    const sent: string[] = []
    const form = useNewForm({
      blank: () => ({ name: '' }),
      isWrong: ({ name }) => name === '',
      async send({ name }) {
        sent.push(name)
        if (name === 'taken') throw new ProblemError(problem)
      },
    })
    return { ...form, sent }
  }

  it('keeps what is typed until it is made, and is blank then', async () => {
    const { form, tried, busy, submit, errorOf, sent } = newForm()
    form.name = 'taken'
    await nextTick()
    await submit()
    expect([form.name, tried.value, busy.value, errorOf('/name')]).toEqual(['taken', true, false, 'Taken'])
    form.name = 'free'
    await nextTick()
    expect(errorOf('/name')).toBeUndefined()
    await submit()
    expect([form.name, tried.value, busy.value]).toEqual(['', false, false])
    expect(sent).toEqual(['taken', 'free'])
  })

  it('sends nothing that is wrong, and nothing twice', async () => {
    const { form, tried, submit, sent } = newForm()
    await submit()
    expect([tried.value, sent]).toEqual([true, []])
    form.name = 'once'
    await Promise.all([submit(), submit()])
    expect(sent).toEqual(['once'])
  })
})
