import { oauth2 } from './oauth2'
import type { PolicyDefinition } from './policy'

/** Every policy that this engine can run. Adding one is a folder and a line here. */
export const policies: readonly PolicyDefinition[] = [oauth2 as unknown as PolicyDefinition] // its configuration is checked against its schema before `create`
