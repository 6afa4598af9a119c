import type { JsonSchema } from '@shared/catalogue'

/**
 * A configuration with each construct that Gravitee's published schemas of policies, resources, endpoints and entrypoints use, in
 * their vocabulary: what they wrote for `x-schema-form` and what they write for `gioConfig`.
 */
export const everyConstruct: JsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  definitions: {
    password: { type: 'string', title: 'Password', format: 'password' },
    limit: { type: 'integer', title: 'Limit', minimum: 1, maximum: 100, default: 10 },
  },
  properties: {
    mode: {
      type: 'string',
      title: 'Mode',
      enum: ['OFF', 'SOFT', 'HARD', 'AUDIT'],
      default: 'SOFT',
      gioConfig: { enumLabelMap: { OFF: 'Never', SOFT: 'Tell of it', HARD: 'Refuse' } },
    },
    script: {
      type: 'string',
      title: 'Script',
      format: 'gio-code-editor',
      gioConfig: {
        monacoEditorConfig: { language: 'json' },
        displayIf: { $eq: { 'value.mode': ['SOFT', 'HARD'] } },
        banner: { title: 'When it runs', text: 'Once for <strong>each</strong> call.' },
      },
    },
    body: {
      type: 'string',
      title: 'Body',
      'x-schema-form': {
        type: 'codemirror',
        'expression-language': true,
        codemirrorOptions: { mode: 'application/xml' },
        hidden: [{ $eq: { mode: ['OFF', 'AUDIT'] } }],
      },
    },
    address: { type: 'string', title: 'Address', format: 'uri', 'x-schema-form': { 'expression-language': true } },
    threshold: { type: 'number', title: 'Threshold', minimum: 0, exclusiveMaximum: 1, multipleOf: 0.01 },
    limit: { $ref: '#/definitions/limit', title: 'Calls' },
    strict: { type: 'boolean', title: 'Strict', default: true },
    tolerance: {
      type: 'integer',
      title: 'Tolerance',
      default: 3,
      gioConfig: { disableIf: { $eq: { 'value.strict': true } } },
    },
    headers: {
      type: 'array',
      title: 'Headers',
      items: {
        type: 'object',
        properties: { name: { type: 'string', title: 'Name' }, value: { type: 'string', title: 'Value' } },
        required: ['name', 'value'],
      },
      gioConfig: { uiType: 'gio-headers-array', uniqueItemProperties: ['name'] },
    },
    methods: {
      type: 'array',
      title: 'Methods',
      uniqueItems: true,
      items: { type: 'string', enum: ['GET', 'POST', 'PUT', 'DELETE'] },
    },
    patterns: {
      type: 'array',
      title: 'Patterns',
      minItems: 1,
      maxItems: 3,
      default: ['^/a b'],
      items: { type: ['string', 'null'], minLength: 1 },
    },
    rules: {
      type: 'array',
      title: 'Rules',
      items: {
        type: 'object',
        properties: {
          path: { type: 'string', title: 'Path', pattern: '^/', default: '/' },
          methods: { type: 'array', title: 'Methods', items: { type: 'string', enum: ['GET', 'POST'] } },
          audit: { type: 'boolean', title: 'Audit' },
          ranges: {
            type: 'array',
            title: 'Ranges',
            items: { type: 'array', title: 'Range', items: { type: 'integer' }, minItems: 2, maxItems: 2 },
          },
        },
        required: ['path'],
      },
    },
    labels: { type: 'object', title: 'Labels', additionalProperties: { type: 'string' } },
    timeouts: {
      type: 'object',
      title: 'Time-outs',
      patternProperties: { '^[a-z]+$': { type: 'integer', minimum: 0 } },
    },
    security: {
      type: 'object',
      title: 'Security',
      oneOf: [
        { title: 'None', properties: { type: { const: 'none' } } },
        {
          title: 'Basic',
          properties: {
            type: { const: 'basic' },
            username: { type: 'string', title: 'Username' },
            password: { $ref: '#/definitions/password' },
          },
          required: ['username'],
        },
        {
          title: 'Token',
          properties: { type: { const: 'token' }, token: { type: 'string', title: 'Token' } },
          required: ['token'],
        },
      ],
    },
    store: {
      type: 'object',
      title: 'Store',
      properties: { type: { type: 'string', title: 'Type', enum: ['', 'JKS', 'PEM'], default: '' } },
      oneOf: [
        { properties: { type: { const: '' } } },
        {
          properties: { type: { const: 'JKS' }, path: { type: 'string', title: 'Path' } },
          required: ['path'],
        },
        {
          properties: { type: { const: 'PEM' }, content: { type: 'string', title: 'Content', format: 'text' } },
          required: ['content'],
        },
      ],
    },
    mechanism: {
      type: 'object',
      title: 'Mechanism',
      properties: { type: { type: 'string', title: 'Type', enum: ['PLAIN', 'OAUTH'], default: 'PLAIN' } },
      dependencies: {
        type: {
          oneOf: [
            { properties: { type: { enum: ['PLAIN'] } } },
            {
              properties: { type: { enum: ['OAUTH'] }, tokenUrl: { type: 'string', title: 'Token address' } },
              required: ['tokenUrl'],
            },
          ],
        },
      },
    },
    cache: {
      type: 'object',
      title: 'Cache',
      properties: { on: { type: 'boolean', title: 'Keep answers' } },
      if: { properties: { on: { const: true } }, required: ['on'] },
      then: { properties: { seconds: { type: 'integer', title: 'Seconds', minimum: 1 } }, required: ['seconds'] },
    },
    target: {
      title: 'Target',
      anyOf: [
        { type: 'string', title: 'One name' },
        { type: 'array', title: 'Several names', items: { type: 'string' } },
      ],
    },
    resource: {
      type: 'string',
      title: 'Resource',
      gioConfig: { uiType: 'resource-type', uiTypeProps: { resourceType: 'cache' } },
    },
    phase: {
      type: 'string',
      title: 'Only for responses',
      gioConfig: { displayIf: { $eq: { 'context.flowPhase': ['RESPONSE'] } } },
    },
    scope: { type: 'string', title: 'Scope', enum: ['REQUEST', 'RESPONSE'], deprecated: true },
  },
  required: ['mode', 'script', 'address'],
}
