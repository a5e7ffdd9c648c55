// The description of the API against the API: every route, and the fields that each really reads.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { operationsDouble } from '../../src/commands/operations-double.fixture.ts'
import { apiWords } from '../../src/console/api-words.ts'
import { consolePorts } from '../../src/console/console-ports.fixture.ts'
import { consoleSite } from '../../src/console/console-site.ts'
import { Entrance } from '../../src/console/entrance.ts'
import { type Asked, answerTo, type Site } from '../../src/console/router.ts'

/** Whoever asks is an operator and an administrator. */
function openSite(): Site {
  const site = consoleSite(new Entrance({ ...consolePorts(), operations: operationsDouble().operations }))
  const caller = { access: 'box', who: 'a test', operator: 'anna' } as const
  return { ...site, admit: () => ({ kind: 'admitted', caller }) }
}

const ask = (method: string, path: string, body: object = {}): Promise<{ status: number; body: string }> => {
  const asked: Asked = {
    method,
    path: `/api/v1${path}`,
    query: new URLSearchParams(),
    headers: { host: 'localhost' },
    at: '',
    from: '127.0.0.1',
    isSecure: false,
    takeTime() {},
    body: (async function* () {
      yield Buffer.from(JSON.stringify(body))
    })(),
  }
  return answerTo(openSite(), asked).then(({ status, body: told }) => ({ status, body: String(told) }))
}

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[]
  readonly requestBody?: {
    readonly content: {
      readonly 'application/json'?: {
        readonly schema: {
          readonly properties: Readonly<
            Record<
              string,
              { readonly type: string; readonly enum?: readonly string[]; readonly items?: { type: string } }
            >
          >
          readonly required?: readonly string[]
        }
      }
    }
  }
  readonly responses: Readonly<Record<string, object>>
}
interface Description {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: object
}

const description: Description = JSON.parse((await ask('GET', '/openapi.json')).body)
const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
)
const routes = openSite().routes.filter(({ pattern }) => pattern.startsWith('/api/v1/'))
const nameOf = (method: string, pattern: string): string => `${method} ${pattern.replace('/api/v1', '')}`

describe('openapi.json', () => {
  it('describes every route and no other', () => {
    const told = operations.map(({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`)
    assert.deepEqual(told.toSorted(), routes.map(({ method, pattern }) => nameOf(method, pattern)).toSorted())
  })

  it('says in words what each is for, and has words for nothing else', () => {
    const names = routes.map(({ method, pattern }) => nameOf(method, pattern))
    assert.deepEqual(
      names.filter((name) => apiWords[name] === undefined),
      [],
      'without a line in api-words.ts',
    )
    assert.deepEqual(
      Object.keys(apiWords).filter((name) => !names.includes(name)),
      [],
      'are no routes',
    )
  })

  it('keeps to the rules of OpenAPI 3.1', () => {
    assert.match(description.openapi, /^3\.1\.\d+$/)
    assert.ok(description.info.title !== '' && description.info.version !== '')
    const ids = operations.map(({ operation }) => operation.operationId)
    assert.equal(new Set(ids).size, ids.length, 'operationId is unique')
    for (const { path, operation } of operations) {
      assert.match(path, /^\//)
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const inPath = operation.parameters.filter((each) => each.in === 'path')
      assert.deepEqual(
        inPath.map(({ name }) => name),
        names,
        path,
      )
      assert.ok(inPath.every(({ required }) => required === true))
      const places = operation.parameters.map(({ name, in: place }) => `${place} ${name}`)
      assert.equal(new Set(places).size, places.length, 'a parameter stands once')
      for (const status of Object.keys(operation.responses)) assert.match(status, /^([1-5]\d\d|default)$/)
      for (const response of Object.values(operation.responses))
        assert.ok('description' in response || '$ref' in response, path)
    }
  })

  it('has no reference that leads nowhere', () => {
    for (const [, pointer = ''] of JSON.stringify(description).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      let at: unknown = description
      for (const part of pointer.split('/')) at = Object(at)[part]
      assert.ok(at !== undefined, pointer)
    }
  })

  const samples: Readonly<Record<string, unknown>> = {
    string: 'x',
    number: 1,
    boolean: true,
    array: ['x'],
    object: {},
  }
  for (const { path, method, operation } of operations) {
    const schema = operation.requestBody?.content['application/json']?.schema
    if (schema === undefined) continue
    const whole = Object.fromEntries(
      Object.entries(schema.properties).map(([name, { type, enum: choices, items }]) => [
        name,
        items?.type === 'object' ? [] : (choices?.[0] ?? samples[type]),
      ]),
    )
    const place = path.replace(/\{\w+\}/g, 'x')

    it(`${method} ${path} takes the fields that are described`, async () => {
      const { status, body } = await ask(method, place, whole)
      assert.notEqual(status, 400, body)
    })

    for (const [name, { type }] of Object.entries(schema.properties)) {
      const isRequired = schema.required?.includes(name) === true
      it(`${method} ${path} ${isRequired ? 'needs' : 'may do without'} "${name}", and minds its type`, async () => {
        const { [name]: _, ...rest } = whole
        const without = await ask(method, place, rest)
        if (isRequired)
          assert.match(`${without.status} ${without.body}`, new RegExp(`^400 .*\\\\"${name}\\\\"`))
        else assert.notEqual(without.status, 400, without.body)
        const wrong = await ask(method, place, { ...rest, [name]: type === 'object' ? 'x' : {} })
        assert.match(`${wrong.status} ${wrong.body}`, new RegExp(`^400 .*\\\\"${name}\\\\"`))
      })
    }
  }

  it('leaves no body undescribed', async () => {
    for (const { path, method, operation } of operations) {
      if (method === 'GET' || operation.requestBody !== undefined) continue
      const { status, body } = await ask(method, path.replace(/\{\w+\}/g, 'x'))
      assert.notEqual(status, 400, `${method} ${path}: ${body}`)
    }
  })
})
