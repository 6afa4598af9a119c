import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Catalogue } from '@shared/catalogue'
import { call } from '@/client'

/** The policies and resource types of the engine; read once, for they change only with the app. */
export const useCatalogue = defineStore('catalogue', () => {
  const catalogue = shallowRef<Catalogue>()
  const policies = computed(() => catalogue.value?.policies ?? [])
  const resources = computed(() => catalogue.value?.resources ?? [])

  async function load(): Promise<void> {
    catalogue.value ??= await call('catalogue.get', {})
  }

  /** The phases that some policy runs in. */
  const phases = computed(() =>
    (['request', 'response'] as const).filter((phase) =>
      policies.value.some((policy) => policy.phases.includes(phase)),
    ),
  )

  const policyById = (id: string) => policies.value.find((policy) => policy.id === id)
  const resourceById = (id: string) => resources.value.find((resource) => resource.id === id)

  return { policies, resources, phases, load, policyById, resourceById }
})
