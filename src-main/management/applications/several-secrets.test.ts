import { describe, expect, it } from 'vitest'
import { withApplications } from './testing'

const { workspace, domainId, create } = withApplications()

describe('the secrets of an application', () => {
  const secretOf = (reference: string | undefined) => reference && workspace().store.secrets.resolve(reference)

  it('go when its method uses none, and one is made when it uses one again', async () => {
    const { application } = await create('web')
    const ids = { domainId: domainId(), applicationId: application.id }
    const { application: two } = await workspace().call('applications.addSecret', { ...ids, name: 'CI' })
    const bare = await workspace().call('applications.update', { ...ids, tokenEndpointAuthMethod: 'none' })
    expect(Object.keys(bare)).toEqual(['application'])
    expect(Object.keys(bare.application).filter((member) => /secret/i.test(member))).toEqual([])
    expect([two.clientSecret, two.furtherSecrets![0]!.secret].map(secretOf)).toEqual([undefined, undefined])
    expect(await workspace().problem('applications.addSecret', ids)).toMatchObject({
      key: 'APPLICATION_WITHOUT_SECRET',
    })
    expect(await workspace().problem('applications.rotateSecret', ids)).toMatchObject({
      key: 'APPLICATION_WITHOUT_SECRET',
    })
    const again = await workspace().call('applications.update', { ...ids, tokenEndpointAuthMethod: null })
    expect(again.clientSecret).toBe(secretOf(again.application.clientSecret))
    expect((await workspace().call('applications.update', { ...ids, enabled: false })).clientSecret).toBeUndefined()
  })

  it('are told by name, age and end; none is ever over before it begins', async () => {
    const { application } = await create('service')
    const ids = { domainId: domainId(), applicationId: application.id }
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const added = await workspace().call('applications.addSecret', { ...ids, name: ' CI ', expiresAt })
    expect(added.application.furtherSecrets).toMatchObject([{ name: 'CI', expiresAt }])
    const secretId = added.application.furtherSecrets![0]!.id
    const later = new Date(Date.now() + 7_200_000).toISOString()
    const moved = await workspace().call('applications.setSecretExpiry', { ...ids, secretId, expiresAt: later })
    expect(moved.furtherSecrets).toMatchObject([{ id: secretId, expiresAt: later }])
    expect((await workspace().call('applications.setSecretExpiry', { ...ids, secretId })).furtherSecrets).toEqual([
      expect.not.objectContaining({ expiresAt: later }) as object,
    ])
    const main = await workspace().call('applications.setSecretExpiry', { ...ids, secretId: application.id, expiresAt })
    expect(main.clientSecretExpiresAt).toBe(expiresAt)
    for (const past of ['2020-01-01T00:00:00Z', 'soon'])
      expect(await workspace().problem('applications.addSecret', { ...ids, expiresAt: past })).toMatchObject({
        errors: [{ field: '/expiresAt', remedy: expect.any(String) as string }],
      })
  })

  it('the main one is replaced by another, and stays valid beside it', async () => {
    const { application, clientSecret: first } = await create('service')
    const ids = { domainId: domainId(), applicationId: application.id }
    const { application: two, clientSecret: second } = await workspace().call('applications.addSecret', {
      ...ids,
      name: 'B',
    })
    const swapped = await workspace().call('applications.makeSecretMain', {
      ...ids,
      secretId: two.furtherSecrets![0]!.id,
    })
    // APIs refer to the main one by its place.
    expect(swapped.clientSecret).toBe(application.clientSecret)
    expect(secretOf(swapped.clientSecret)).toBe(second)
    expect(swapped).toMatchObject({
      clientSecretName: 'B',
      furtherSecrets: [{ createdAt: application.clientSecretCreatedAt }],
    })
    expect(swapped.furtherSecrets!.map(({ secret }) => secretOf(secret))).toEqual([first])
    expect(secretOf(two.furtherSecrets![0]!.secret)).toBeUndefined()
    expect(await workspace().problem('applications.removeSecret', { ...ids, secretId: application.id })).toMatchObject({
      key: 'SECRET_MAIN',
    })
    const [old] = swapped.furtherSecrets!
    const left = await workspace().call('applications.removeSecret', { ...ids, secretId: old!.id })
    expect(left.furtherSecrets).toBeUndefined()
    expect(secretOf(old!.secret)).toBeUndefined()
    expect(await workspace().problem('applications.removeSecret', { ...ids, secretId: old!.id })).toMatchObject({
      status: 404,
    })
  })

  it('are eleven at most, and go with it', async () => {
    const { application } = await create('service')
    const ids = { domainId: domainId(), applicationId: application.id }
    for (let n = 0; n < 10; n++) await workspace().call('applications.addSecret', ids)
    const full = { key: 'SECRETS_TOO_MANY' }
    expect(await workspace().problem('applications.addSecret', ids)).toMatchObject(full)
    expect(await workspace().problem('applications.rotateSecret', { ...ids, overlapSeconds: 60 })).toMatchObject(full)
    const furtherSecrets = workspace().store.domains()[0]!.applications[0]!.furtherSecrets!
    await workspace().call('applications.delete', ids)
    expect(furtherSecrets.map(({ secret }) => secretOf(secret))).toEqual(Array(10).fill(undefined))
  })
})
