import { apiKey } from './api-key'
import { jwt } from './jwt'
import { keyLess } from './key-less'
import { mtls } from './mtls'
import { mock } from './mock'
import { oauth2 } from './oauth2'
import type { PolicyDefinition } from './policy'
import { requestValidation } from './policy-request-validation'
import { quota } from './quota'
import { rateLimit } from './rate-limit'
import { transformHeaders } from './transform-headers'

/** Every policy that this engine can run, in the order that the window lists them. Adding one is a folder and a line here. */
export const policies = [
  oauth2,
  jwt,
  apiKey,
  mtls,
  keyLess,
  rateLimit,
  quota,
  requestValidation,
  transformHeaders,
  mock,
] as readonly unknown[] as readonly PolicyDefinition[] // their configurations are checked against their schemas before `create`
