import { apiWords, type FieldKind, type RouteWords } from './api-words.ts'
import type { Route } from './router.ts'

type Schema = Readonly<Record<string, unknown>>

/** The API as OpenAPI 3.1, made from its routes: what is not a route is not described, and no route is left out. */
export function openApi(routes: readonly Route[], version: string): Schema {
  const paths: Record<string, Record<string, Schema>> = {}
  for (const route of routes) {
    const path = route.pattern.replace(/:(\w+)/g, '{$1}')
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] = operation(route)
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'inkpost',
      version,
      description: 'What a person or a script may do with this box.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-inkpost',
          description: 'Without TLS: inkpost',
        },
      },
      schemas: { Trouble: object({ error: { type: 'string' } }, ['error']) },
      responses: {
        Trouble: { description: 'Why it did not come to anything', content: json(named('Trouble')) },
      },
    },
  }
}

const named = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })
const json = (schema: Schema): Schema => ({ 'application/json': { schema } })
const object = (properties: Schema, required: readonly string[]): Schema => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
})

function operation(route: Route): Schema {
  const words = apiWords[`${route.method} ${route.pattern}`] ?? { summary: '' }
  return {
    operationId: nameOf(route),
    summary: words.summary,
    description: forWhom(route),
    ...(route.access === 'everybody' && { security: [] }),
    parameters: parameters(route, words),
    ...(words.bodyType !== undefined && {
      requestBody: { required: true, content: { [words.bodyType]: {} } },
    }),
    ...(words.fields && { requestBody: { required: true, content: json(body(words.fields)) } }),
    responses: {
      200: { description: 'Done', content: answer(words) },
      default: { $ref: '#/components/responses/Trouble' },
    },
  }
}

/** `postUpstreamsNamePause`. */
const nameOf = ({ method, pattern }: Route): string =>
  method.toLowerCase() +
  pattern.replace(/[^a-zA-Z]+([a-zA-Z]?)/g, (_, letter: string) => letter.toUpperCase())

function forWhom({ access }: Route): string {
  switch (access) {
    case 'box':
      return 'On the box itself only.'
    case 'everybody':
      return 'Without signing in.'
    case 'administrator':
    case 'technician':
    case 'viewer':
      return `Needs the role ${access}.`
  }
}

function parameters({ method, pattern, access }: Route, { query = [] }: RouteWords): readonly Schema[] {
  const text = { type: 'string' }
  const inPath = [...pattern.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: text,
  }))
  const inQuery = query.map((name) => ({ name, in: 'query', schema: text }))
  const isChange = method !== 'GET' && access !== 'everybody'
  const inHeader = isChange
    ? ['Inkpost-Proof', 'If-Match', 'Idempotency-Key'].map((name) => ({ name, in: 'header', schema: text }))
    : []
  return [...inPath, ...inQuery, ...inHeader]
}

function body(fields: NonNullable<RouteWords['fields']>): Schema {
  const entries = Object.entries(fields)
  const required = entries.filter(([, kind]) => typeof kind !== 'string' || !kind.endsWith('?'))
  return object(
    Object.fromEntries(entries.map(([name, kind]) => [name, schemaOf(kind)])),
    required.map(([name]) => name),
  )
}

function schemaOf(kind: FieldKind | readonly string[]): Schema {
  switch (kind) {
    case 'text':
    case 'text?':
      return { type: 'string' }
    case 'number':
    case 'number?':
      return { type: 'number' }
    case 'flag?':
      return { type: 'boolean' }
    case 'texts?':
      return { type: 'array', items: { type: 'string' } }
    case 'table':
      return { type: 'object' }
    case 'records?':
      return { type: 'array', items: { type: 'object' } }
    default:
      return { type: 'string', enum: kind }
  }
}

const answer = ({ type }: RouteWords): Schema =>
  type === undefined ? json({}) : { [type]: { schema: { type: 'string' } } }
