import { Type } from 'typebox'
import { Name } from '../domain'
import { Port, Workspace } from '../workspace'
import { Empty, input, type OperationList } from './parts'

/** The open workspace. */
export const workspaceOperations = {
  'workspace.get': { summary: 'The open workspace', input: Empty, output: Workspace },
  'workspace.update': {
    summary:
      'Change the name, host, ports or public address of the workspace, or turn HTTPS on or off; the servers move at once',
    input: input({
      name: Type.Optional(Name),
      host: Type.Optional(Type.String({ minLength: 1 })),
      gatewayPort: Type.Optional(Port),
      authorizationPort: Type.Optional(Port),
      publicAuthorizationAddress: Type.Optional(
        Type.String({
          maxLength: 300,
          description:
            'By which clients reach the authorization server, where that is not where it listens; tokens name it as their issuer. Empty: where it listens',
        }),
      ),
      tls: Type.Optional(
        input({ gateway: Type.Optional(Type.Boolean()), authorization: Type.Optional(Type.Boolean()) }),
      ),
    }),
    output: Workspace,
  },
} as const satisfies OperationList
