import { computed, inject, provide, ref, watch, type InjectionKey } from 'vue'
import type { ApplicationCheck } from '@shared/application-settings'
import type { Application, DomainOverview } from '@shared/domain'
import { changeOf, formOf, tabOf, type ApplicationForm, type ApplicationTab } from './application-form'
import { call, toProblem } from '@/client'
import { tellFieldError, useDraft } from '@/composables/useDraft'
import { useWorkspace } from '@/stores/workspace'

/** Where an application stands. */
export interface ApplicationSubject {
  readonly domain: DomainOverview
  readonly application: Application
}

/**
 * The form of an application, over all sections of its page: what was typed, what is wrong with it as it stands, and saving it.
 *
 * @param madeSecret told a secret in the clear that saving has made
 */
export function useApplicationForm(subject: () => ApplicationSubject, madeSecret: (secret: string) => void) {
  const workspace = useWorkspace()
  const ids = () => ({ domainId: subject().domain.id, applicationId: subject().application.id })

  const draft = useDraft<ApplicationForm>(
    () => formOf(subject().application),
    async (typed) => {
      const { clientSecret } = await call('applications.update', {
        ...ids(),
        ...changeOf(subject().application, typed),
      })
      if (clientSecret !== undefined) madeSecret(clientSecret)
      await workspace.loadDomains()
    },
  )

  const check = ref<ApplicationCheck>({ errors: [], warnings: [] })
  let latest = 0
  async function judge(): Promise<void> {
    const mine = ++latest
    const change = changeOf(subject().application, draft.form)
    const judged = await call('applications.check', { ...ids(), ...change }).catch((error: unknown) => ({
      // What is not even of the form that the operation takes.
      errors: toProblem(error).errors ?? [],
      warnings: check.value.warnings,
    }))
    if (mine === latest) check.value = judged
  }
  watch(() => JSON.stringify([draft.form, subject().domain.updatedAt]), judge, { immediate: true })

  const within = (pointer: string) => (error: { field: string }) =>
    error.field === pointer || error.field.startsWith(`${pointer}/`)
  /** What is wrong with a field, and with what stands within it. */
  function errorOf(pointer: string): string | undefined {
    const error = check.value.errors.find(within(pointer))
    return error ? tellFieldError(error) : draft.errorOf(pointer)
  }
  /** The same for what does not keep it from being saved. */
  function warningOf(pointer: string): string | undefined {
    const warning = check.value.warnings.find(within(pointer))
    return warning && tellFieldError(warning)
  }
  /** Sections in which something is wrong. */
  const wrongTabs = computed(() => new Set<ApplicationTab>(check.value.errors.map(({ field }) => tabOf(field))))

  const form = { ...draft, check, errorOf, warningOf, wrongTabs, subject }
  provide(key, form)
  return form
}

export type ApplicationFormState = ReturnType<typeof useApplicationForm>
const key: InjectionKey<ApplicationFormState> = Symbol('application form')

/** The form of the page that a section stands on. */
export function useFormOfPage(): ApplicationFormState {
  const form = inject(key)
  if (!form) throw new Error('This section stands on no page of an application')
  return form
}
