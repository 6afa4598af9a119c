/** Files of each format as their makers write them, for tests: names in capitals, configurations as texts, nulls and all. */

export const exportV4 = {
  export: { date: '2026-02-02T11:01:47.139Z', apimVersion: '4.11.0' },
  api: {
    definitionVersion: 'V4',
    id: '1d5a2d23-df93-450c-9a2d-23df93950c33',
    type: 'PROXY',
    name: 'Orders',
    description: 'Orders of the shop',
    apiVersion: '1',
    listeners: [
      {
        type: 'HTTP',
        paths: [{ path: '/shop/orders/', overrideAccess: false }],
        pathMappings: [],
        entrypoints: [{ type: 'http-proxy', qos: 'AUTO', configuration: {} }],
        servers: [],
      },
    ],
    endpointGroups: [
      {
        name: 'Default HTTP proxy group',
        type: 'http-proxy',
        loadBalancer: { type: 'ROUND_ROBIN' },
        sharedConfiguration: '{"http":{"connectTimeout":3000,"readTimeout":10000},"ssl":{"trustAll":false}}',
        endpoints: [
          {
            name: 'Default',
            type: 'http-proxy',
            weight: 1,
            inheritConfiguration: true,
            configuration: { target: 'http://127.0.0.1:9000/orders' },
            services: {},
            secondary: false,
            tenants: [],
          },
        ],
        services: {},
      },
    ],
    analytics: { enabled: true },
    flowExecution: { mode: 'BEST_MATCH', matchRequired: true },
    flows: [
      {
        id: 'f1',
        name: 'Read',
        enabled: true,
        selectors: [
          { type: 'HTTP', path: '/:orderId', pathOperator: 'EQUALS', methods: ['GET'] },
          { type: 'CONDITION', condition: "{#request.headers['x'] != null}" },
        ],
        request: [
          {
            name: 'OAuth2',
            enabled: true,
            policy: 'oauth2',
            configuration: '{"oauthResource":"am","checkRequiredScopes":true,"requiredScopes":["read"]}',
            condition: null,
          },
        ],
        response: [],
        subscribe: [],
        publish: [],
        tags: [],
      },
    ],
    state: 'STARTED',
    visibility: 'PRIVATE',
    lifecycleState: 'PUBLISHED',
    createdAt: '2026-02-02T10:58:09.998Z',
    updatedAt: '2026-02-02T11:01:09.045Z',
    primaryOwner: { id: 'o', displayName: 'Ada', type: 'USER' },
    tags: ['internal'],
    labels: ['shop'],
    responseTemplates: {},
    resources: [
      {
        name: 'am',
        type: 'oauth2-am-resource',
        enabled: true,
        configuration:
          '{"serverURL":"http://127.0.0.1:8092","securityDomain":"demo","clientId":"orders","clientSecret":"s3cret"}',
      },
    ],
    properties: [{ key: 'tenant', value: 'north', encrypted: false }],
  },
  members: [{ id: 'm', displayName: 'Ada' }],
  metadata: [{ key: 'email-support', value: 'help@shop.example' }],
  pages: [
    { id: 'p1', name: 'Start', type: 'MARKDOWN' },
    { id: 'p2', name: 'More', type: 'MARKDOWN' },
  ],
  plans: [
    {
      definitionVersion: 'V4',
      id: 'fa417460-3df3-44b1-8174-603df3d4b178',
      name: 'Free',
      description: 'For everybody',
      security: { type: 'KEY_LESS', configuration: {} },
      mode: 'STANDARD',
      status: 'PUBLISHED',
      validation: 'MANUAL',
      order: 1,
      flows: [],
      createdAt: '2026-02-02T10:58:12.414Z',
    },
  ],
  apiMedia: [],
}

export const definitionV2 = {
  id: 'orders-v2',
  name: 'Orders v2',
  version: '2',
  gravitee: '2.0.0',
  flow_mode: 'BEST_MATCH',
  execution_mode: 'v4-emulation-engine',
  proxy: {
    virtual_hosts: [{ path: '/v2/orders' }],
    strip_context_path: false,
    preserve_host: false,
    logging: { mode: 'CLIENT_PROXY', content: 'HEADERS', scope: 'REQUEST' },
    cors: { enabled: true, allowOrigin: ['https://shop.example'], maxAge: -1 },
    groups: [
      {
        name: 'default-group',
        load_balancing: { type: 'WEIGHTED_ROUND_ROBIN' },
        http: { connectTimeout: 5000, readTimeout: 10_000, keepAlive: true },
        endpoints: [
          { name: 'one', target: 'http://127.0.0.1:9001', weight: 2, backup: false, type: 'http', inherit: true },
          {
            name: 'two',
            target: 'http://127.0.0.1:9002',
            weight: 1,
            backup: true,
            type: 'http',
            http: { connectTimeout: 1000 },
            headers: { 'X-From': 'gateway' },
          },
        ],
      },
    ],
    failover: { maxAttempts: 3, retryTimeout: 2000, cases: ['TIMEOUT'] },
  },
  flows: [
    {
      name: 'Writes',
      'path-operator': { path: '/:orderId', operator: 'STARTS_WITH' },
      condition: "{#request.headers['x'] != null}",
      consumers: [{ consumerType: 'TAG', consumerId: 'eu' }],
      methods: ['PUT', 'DELETE'],
      pre: [{ name: 'Limit', policy: 'rate-limit', enabled: true, configuration: { rate: { limit: 5 } } }],
      post: [{ name: 'Headers', policy: 'transform-headers', enabled: false, configuration: '{"addHeaders":[]}' }],
      enabled: true,
    },
  ],
  plans: [
    { id: 'p1', name: 'Free', security: 'KEY_LESS', status: 'published', selection_rule: '#request.ssl', flows: [] },
    { id: 'p2', name: 'JWT', security: 'jwt', securityDefinition: '{"signature":"RSA_RS256"}', status: 'STAGING' },
  ],
  services: {
    'health-check': {
      enabled: true,
      schedule: '*/5 * * * * *',
      steps: [
        {
          request: { path: '/health', method: 'GET' },
          response: { assertions: ['#response.status == 200', "#response.content contains 'up'"] },
        },
      ],
    },
  },
  resources: [],
  properties: { tenant: 'north' },
  response_templates: { DEFAULT: { '*/*': { status: 400, body: 'no' } } },
  tags: [],
  path_mappings: ['/:orderId'],
  primaryOwner: { id: 'o' },
}

export const definitionV1 = {
  id: 'old',
  name: 'Old',
  proxy: {
    context_path: '/old',
    endpoints: [{ name: 'default', target: 'http://127.0.0.1:9001', http: { connectTimeout: 3000 } }],
    strip_context_path: false,
  },
  paths: {
    '/*': [
      { methods: ['GET', 'POST'], 'transform-headers': { addHeaders: [{ name: 'x', value: '1' }] } },
      { methods: ['POST'], description: 'Limit', 'rate-limit': { rate: { limit: 1 } } },
      { methods: [], 'transform-headers': { scope: 'RESPONSE', removeHeaders: ['y'] }, enabled: false },
    ],
  },
}

export const petStore = `openapi: 3.1.0
info:
  title: Pet store
  version: 1.2.0
servers:
  - url: https://{stage}.pets.example/v1
    variables:
      stage:
        default: api
  - url: https://staging.pets.example/v1
security:
  - login: [pets.read]
paths:
  /pets:
    get:
      operationId: listPets
      responses:
        200:
          description: All
          content:
            application/json:
              example: [{ name: Rex }]
    post:
      operationId: addPet
      security:
        - login: [pets.write]
      requestBody:
        content:
          application/json:
            schema: { $ref: '#/components/schemas/Pet' }
      responses:
        '201': { $ref: '#/components/responses/Added' }
  /pets/{petId}:
    parameters:
      - { name: petId, in: path, required: true, schema: { type: string } }
    get:
      operationId: onePet
      responses: {}
  /pets/{petId}/photos/{name}.png:
    get:
      security: []
      responses: {}
  /elsewhere:
    $ref: 'other.yaml#/paths/elsewhere'
components:
  schemas:
    Pet: { type: object, example: { name: Tom } }
  responses:
    Added:
      description: Added
      content:
        application/json:
          schema: { $ref: '#/components/schemas/Pet' }
  securitySchemes:
    login:
      type: openIdConnect
      openIdConnectUrl: http://127.0.0.1:8092/demo/oidc/.well-known/openid-configuration
`
