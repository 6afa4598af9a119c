import { expect, it } from 'vitest'
import type { ApiDefinition, Resource, Step } from '@shared/api-definition'
import { chooseOnlyAuthority, resourceTrouble, usersInWords } from './step-resource'
import { newFlow } from '../flow-edits'

const oauth2 = (oauthResource: string, enabled = true): Step => ({
  name: 'OAuth2',
  policy: 'oauth2',
  enabled,
  configuration: { oauthResource },
})
const authority = (name: string, enabled = true): Resource => ({
  name,
  type: 'oauth2-am-resource',
  enabled,
  configuration: {},
})
const api = (request: Step[], resources: Resource[]): ApiDefinition => ({
  id: 'a',
  name: 'Echo',
  gravitee: '4.0.0',
  type: 'proxy',
  listeners: [{ type: 'http', paths: [{ path: '/echo' }], entrypoints: [] }],
  endpointGroups: [{ name: 'g', type: 'http-proxy', endpoints: [] }],
  flows: [{ ...newFlow('All paths'), request }],
  plans: [],
  resources,
})
const asked = ({ flows }: ApiDefinition) => flows[0]!.request.map(({ configuration }) => configuration?.oauthResource)

it.each([
  [oauth2('am'), [], 'resource am is missing'],
  [oauth2('am'), [authority('am', false)], 'resource am is off'],
  [oauth2('am'), [authority('am')], undefined],
  [oauth2('am', false), [], undefined],
  [oauth2(''), [], undefined],
  [oauth2("{#api.properties['am']}"), [], undefined],
])('tells whether the resource of a step is there (%#)', (step, resources, trouble) => {
  expect(resourceTrouble({ resources }, step)).toBe(trouble)
})

it('names the steps that a resource breaks', () => {
  expect(usersInWords(api([oauth2('other'), oauth2('am')], []), 'am')).toEqual(['OAuth2 in All paths'])
})

it('has empty steps ask the only authority, and chooses none of two', () => {
  expect(asked(chooseOnlyAuthority(api([oauth2(''), oauth2('other')], [authority('am')])))).toEqual(['am', 'other'])
  const two = api([oauth2('')], [authority('am'), authority('am-2')])
  expect(chooseOnlyAuthority(two)).toBe(two)
})
