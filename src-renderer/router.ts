import { nextTick } from 'vue'
import { createRouter, createWebHashHistory, type RouteLocationNormalized } from 'vue-router'

/** The pages. Links name a route (`{ name: 'api', params: { apiId } }`), never a path. */
export const router = createRouter({
  // The window is served by the app's own protocol, which knows no paths: the place stands in the hash.
  history: createWebHashHistory(),
  routes: [
    {
      path: '/',
      name: 'overview',
      component: () => import('@/features/overview/OverviewPage.vue'),
      meta: { title: 'Overview' },
    },
    {
      path: '/domains',
      name: 'domains',
      component: () => import('@/features/domains/DomainsPage.vue'),
      meta: { title: 'Domains' },
    },
    {
      path: '/domains/:domainId/applications/:applicationId/:tab(overview|oauth|scopes|tokens|settings)?',
      name: 'application',
      component: () => import('@/features/domains/application/ApplicationPage.vue'),
      meta: { title: 'Application' },
    },
    {
      path: '/domains/:domainId/applications/:applicationId/try',
      name: 'try-it',
      component: () => import('@/features/domains/try-it/TryItPage.vue'),
      meta: { title: 'Try it' },
    },
    {
      path: '/domains/:domainId/users/:userId/:tab(profile|logins)?',
      name: 'user',
      component: () => import('@/features/domains/users/UserPage.vue'),
      meta: { title: 'User' },
    },
    {
      path: '/domains/:domainId/:tab(applications|users|scopes|keys|tokens|audit|settings)?',
      name: 'domain',
      component: () => import('@/features/domains/DomainPage.vue'),
      meta: { title: 'Domain' },
    },
    { path: '/apis', name: 'apis', component: () => import('@/features/apis/ApisPage.vue'), meta: { title: 'APIs' } },
    {
      path: '/apis/:apiId/:tab?',
      name: 'api',
      component: () => import('@/features/apis/ApiPage.vue'),
      meta: { title: 'API' },
    },
    {
      path: '/dictionaries',
      name: 'dictionaries',
      component: () => import('@/features/dictionaries/DictionariesPage.vue'),
      meta: { title: 'Dictionaries' },
    },
    {
      path: '/dictionaries/:dictionaryId',
      name: 'dictionary',
      component: () => import('@/features/dictionaries/DictionaryPage.vue'),
      meta: { title: 'Dictionary' },
    },
    {
      path: '/console',
      name: 'console',
      component: () => import('@/features/console/ConsolePage.vue'),
      meta: { title: 'Console' },
    },
    {
      path: '/traffic',
      name: 'traffic',
      component: () => import('@/features/traffic/TrafficPage.vue'),
      meta: { title: 'Traffic' },
    },
    {
      path: '/settings',
      name: 'settings',
      component: () => import('@/features/settings/SettingsPage.vue'),
      meta: { title: 'Settings' },
    },
    { path: '/:elsewhere(.*)*', redirect: { name: 'overview' } },
  ],
})

/** What makes two places the same page: tabs and queries are places within one. */
function pageOf(route: RouteLocationNormalized): string {
  const { tab: _tab, ...params } = route.params
  return JSON.stringify([route.name, params])
}

router.afterEach(async (to, from, failure) => {
  if (failure) return
  if (to.name !== from.name) document.title = `${to.meta.title} · Gatehouse`
  const isFirst = from.matched.length === 0
  if (isFirst || pageOf(to) === pageOf(from)) return
  // A page change moves the keyboard and the screen reader to the new page's heading.
  await nextTick()
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
})
