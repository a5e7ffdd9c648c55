// Every rule of the emulated ACS Email, spoken to by hand with a bearer token.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Azure, startAzure } from './azure.ts'
import { defaultSettings, exampleClientId, exampleSecret, exampleTenant } from './azure-settings.ts'
import { acsErrorOf, ask, fetchToken, type RawAnswer } from './https-raw-client.ts'

let azure: Azure
let token: string

before(async () => {
  azure = await startAzure()
  token = await fetchToken(azure, exampleTenant, exampleClientId, exampleSecret)
})
after(() => azure[Symbol.asyncDispose]())
beforeEach(() => {
  azure.ledger.length = 0
  azure.requests.length = 0
  const { accessKeys, apps } = azure.settings
  const many = { perMinute: 1000, perHour: 1000 }
  Object.assign(azure.settings, {
    ...defaultSettings(),
    accessKeys,
    apps,
    sendQuota: many,
    statusQuota: many,
  })
})

interface Send {
  readonly body?: unknown
  readonly raw?: string | Buffer
  readonly apiVersion?: string
  readonly headers?: Record<string, string>
}

function send({ body, raw, apiVersion = '2025-09-01', headers = {} }: Send = {}): Promise<RawAnswer> {
  return ask(azure, {
    method: 'POST',
    pathAndQuery: `/emails:send${apiVersion === '' ? '' : `?api-version=${apiVersion}`}`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: raw ?? JSON.stringify(body ?? message()),
  })
}

function status(id: string): Promise<RawAnswer> {
  const pathAndQuery = `/emails/operations/${id}?api-version=2025-09-01`
  return ask(azure, { method: 'GET', pathAndQuery, headers: { authorization: `Bearer ${token}` } })
}

function message(change: object = {}): object {
  return {
    senderAddress: 'scanner@contoso.com',
    content: { subject: 'Scan', plainText: 'text' },
    recipients: { to: [{ address: 'anna@contoso.com' }] },
    ...change,
  }
}

function attachment(change: object = {}): object {
  return { name: 'scan.pdf', contentType: 'application/pdf', contentInBase64: 'AAEC', ...change }
}

function people(count: number): { address: string }[] {
  return Array.from({ length: count }, (_, index) => ({ address: `p${index}@contoso.com` }))
}

describe('ACS accepts a mail', () => {
  it('with 202, the operation’s address and a time to wait', async () => {
    const operationId = randomUUID()
    const answer = await send({ headers: { 'operation-id': operationId } })
    assert.equal(answer.status, 202)
    assert.deepEqual(JSON.parse(answer.text), { id: operationId, status: 'Running', error: null })
    const location = `${azure.endpoint}/emails/operations/${operationId}?api-version=2025-09-01`
    assert.deepEqual([answer.headers['operation-location'], answer.headers['retry-after']], [location, '30'])
  })

  it('with an id of its own when none is given', async () => {
    const { id } = JSON.parse((await send()).text)
    assert.match(id, /^[0-9a-f-]{36}$/)
    assert.equal(azure.ledger[0]?.operationId, id)
  })

  it('and writes down all of it', async () => {
    const body = message({
      headers: { 'Message-ID': '<a@contoso.com>' },
      recipients: {
        to: people(1),
        cc: [{ address: 'c@x.org', displayName: 'C' }],
        bcc: [{ address: 'd@x.org' }],
      },
      replyTo: [{ address: 'r@x.org' }],
      content: { subject: 'S', html: '<p>h</p>' },
      userEngagementTrackingDisabled: true,
    })
    await send({ body })
    const [mail] = azure.ledger
    assert.deepEqual(mail?.headers, { 'Message-ID': '<a@contoso.com>' })
    assert.deepEqual(
      [mail?.to, mail?.cc, mail?.bcc],
      [people(1), [{ address: 'c@x.org', displayName: 'C' }], [{ address: 'd@x.org' }]],
    )
    assert.deepEqual(
      [mail?.replyTo, mail?.html, mail?.plainText],
      [[{ address: 'r@x.org' }], '<p>h</p>', undefined],
    )
    assert.deepEqual([mail?.isTrackingDisabled, mail?.requestBytes], [true, JSON.stringify(body).length])
  })

  it('in either api-version, contentId only in the later', async () => {
    assert.equal((await send({ apiVersion: '2023-03-31' })).status, 202)
    const body = message({ attachments: [attachment({ contentId: 'logo' })] })
    assert.equal((await send({ body })).status, 202)
    assert.equal((await send({ body, apiVersion: '2023-03-31' })).status, 400)
  })
})

describe('ACS refuses', () => {
  const refusals: [status: number, code: string, name: string, send: Send][] = [
    [400, 'MissingApiVersionParameter', 'no api-version', { apiVersion: '' }],
    [400, 'UnsupportedApiVersionValue', 'an unknown api-version', { apiVersion: '2024-07-01-preview' }],
    [415, 'UnsupportedMediaType', 'another content type', { headers: { 'content-type': 'text/plain' } }],
    [400, 'BadRequest', 'an Operation-Id that is no uuid', { headers: { 'operation-id': 'mail-1' } }],
    [400, 'BadRequest', 'what is not JSON', { raw: '{"senderAddress":' }],
    [
      400,
      'BadRequest',
      'what is not UTF-8',
      { raw: Buffer.from(JSON.stringify(message({ content: { subject: 'é', html: '' } })), 'latin1') },
    ],
    [400, 'BadRequest', 'an unknown key', { body: message({ importance: 'high' }) }],
    [
      400,
      'BadRequest',
      'the SDK’s name of the tracking switch',
      { body: message({ disableUserEngagementTracking: true }) },
    ],
    [400, 'BadRequest', 'no sender', { body: message({ senderAddress: undefined }) }],
    [
      400,
      'BadRequest',
      'a sender with a display name',
      { body: message({ senderAddress: 'Scan <scanner@contoso.com>' }) },
    ],
    [400, 'BadRequest', 'no content', { body: message({ content: undefined }) }],
    [400, 'BadRequest', 'no subject', { body: message({ content: { plainText: 'x' } }) }],
    [400, 'BadRequest', 'neither text nor html', { body: message({ content: { subject: 'x' } }) }],
    [400, 'BadRequest', 'an empty subject', { body: message({ content: { subject: ' ', plainText: 'x' } }) }],
    [400, 'BadRequest', 'an empty text', { body: message({ content: { subject: 'x', plainText: '' } }) }],
    [400, 'BadRequest', 'no recipients', { body: message({ recipients: undefined }) }],
    [400, 'BadRequest', 'nobody in to', { body: message({ recipients: { bcc: people(1) } }) }],
    [
      400,
      'BadRequest',
      'a recipient without a domain',
      { body: message({ recipients: { to: [{ address: 'anna' }] } }) },
    ],
    [
      400,
      'BadRequest',
      'a recipient in angle brackets',
      { body: message({ recipients: { to: [{ address: '<a@contoso.com>' }] } }) },
    ],
    [
      400,
      'BadRequest',
      '51 recipients in all',
      { body: message({ recipients: { to: people(20), cc: people(20), bcc: people(11) } }) },
    ],
    [
      400,
      'BadRequest',
      'a header value with a line break',
      { body: message({ headers: { 'X-A': 'a\r\nBcc: x@y.org' } }) },
    ],
    [400, 'BadRequest', 'a header name with a colon', { body: message({ headers: { 'X-A:': 'a' } }) }],
    [400, 'BadRequest', 'a header value that is no string', { body: message({ headers: { 'X-A': 1 } }) }],
    [
      400,
      'BadRequest',
      'an attachment without a name',
      { body: message({ attachments: [attachment({ name: undefined })] }) },
    ],
    [
      400,
      'BadRequest',
      'an attachment without a type',
      { body: message({ attachments: [attachment({ contentType: '' })] }) },
    ],
    [
      400,
      'BadRequest',
      'base64 without padding',
      { body: message({ attachments: [attachment({ contentInBase64: 'AAE' })] }) },
    ],
    [
      400,
      'BadRequest',
      'base64 with line breaks',
      { body: message({ attachments: [attachment({ contentInBase64: 'AAEC\r\nAAEC' })] }) },
    ],
    [
      400,
      'BadRequest',
      'base64url',
      { body: message({ attachments: [attachment({ contentInBase64: 'AA-_' })] }) },
    ],
    [
      400,
      'BadRequest',
      'base64 with stray bits',
      { body: message({ attachments: [attachment({ contentInBase64: 'AAF=' })] }) },
    ],
    [
      400,
      'BadRequest',
      'an xps file by type',
      { body: message({ attachments: [attachment({ contentType: 'application/vnd.ms-xpsdocument' })] }) },
    ],
    [
      400,
      'BadRequest',
      'an xps file by name',
      {
        body: message({
          attachments: [attachment({ name: 'Scan.XPS', contentType: 'application/octet-stream' })],
        }),
      },
    ],
    [
      400,
      'BadRequest',
      'a mail as attachment',
      { body: message({ attachments: [attachment({ contentType: 'message/rfc822; charset=utf-8' })] }) },
    ],
    [
      400,
      'BadRequest',
      'a repeated contentId',
      { body: message({ attachments: [attachment({ contentId: 'a' }), attachment({ contentId: 'a' })] }) },
    ],
    [
      404,
      'DomainNotLinked',
      'a sender domain not linked',
      { body: message({ senderAddress: 'scanner@fabrikam.com' }) },
    ],
    [
      400,
      'InvalidSenderUserName',
      'a sender that is no MailFrom address',
      { body: message({ senderAddress: 'nobody@contoso.com' }) },
    ],
  ]
  for (const [wanted, code, name, what] of refusals) {
    it(`${name}: ${wanted} ${code}`, async () => {
      const answer = await send(what)
      assert.deepEqual([answer.status, acsErrorOf(answer).code], [wanted, code])
      assert.deepEqual([azure.requests.at(-1)?.status, azure.requests.at(-1)?.code], [wanted, code])
      assert.equal(azure.ledger.length, 0)
    })
  }

  it('naming the property that is wrong', async () => {
    const answer = await send({ body: message({ senderAddress: 'x' }) })
    assert.equal(acsErrorOf(answer).message, "Request body validation error. See property 'senderAddress'")
  })

  it('other paths and methods: 404', async () => {
    for (const [method, pathAndQuery] of [
      ['GET', '/emails:send?api-version=2025-09-01'],
      ['POST', '/emails'],
    ] as const) {
      const answer = await ask(azure, { method, pathAndQuery, headers: { authorization: `Bearer ${token}` } })
      assert.equal(answer.status, 404)
    }
  })
})

describe('ACS takes after all', () => {
  it('a repeated contentId and a refused type with the reserved headers', async () => {
    const repeated = [attachment({ contentId: 'a' }), attachment({ contentId: 'a' })]
    const ignore = { 'x-ms-acsemail-ignore-duplicate-content-id': 'true' }
    assert.equal((await send({ body: message({ headers: ignore, attachments: repeated }) })).status, 202)
    const mixed = [attachment(), attachment({ name: 'a.xps' })]
    const suppress = { 'x-ms-acsemail-suppress-invalid-attachment': 'true' }
    assert.equal((await send({ body: message({ headers: suppress, attachments: mixed }) })).status, 202)
    assert.deepEqual(
      azure.ledger[1]?.attachments.map((one) => one.name),
      ['scan.pdf'],
    )
  })

  it('50 recipients', async () => {
    assert.equal(
      (await send({ body: message({ recipients: { to: people(1), bcc: people(49) } }) })).status,
      202,
    )
  })

  it('an empty subject and text where that is allowed', async () => {
    azure.settings.isEmptyContentRefused = false
    assert.equal((await send({ body: message({ content: { subject: '', plainText: '' } }) })).status, 202)
  })

  it('bcc alone where that is allowed', async () => {
    azure.settings.isToRequired = false
    assert.equal((await send({ body: message({ recipients: { to: [], bcc: people(1) } }) })).status, 202)
  })
})

describe('Message-ID with the validate header', () => {
  const body = (id: string) =>
    message({ headers: { 'Message-ID': id, 'x-ms-acsemail-validate-message-id': 'true' } })
  it('must be well-formed and new', async () => {
    const id = `<${randomUUID()}@contoso.com>`
    assert.equal((await send({ body: body('scan-1') })).status, 400)
    assert.equal((await send({ body: body(id) })).status, 202)
    assert.equal((await send({ body: body(id) })).status, 400)
    assert.equal((await send({ body: message({ headers: { 'Message-ID': id } }) })).status, 202)
  })
})

describe('ACS request size', () => {
  /** A valid request of exactly so many bytes. */
  function sized(bytes: number): string {
    const empty = JSON.stringify(message({ content: { subject: 'x', plainText: '' } }))
    return JSON.stringify(message({ content: { subject: 'x', plainText: 'a'.repeat(bytes - empty.length) } }))
  }

  it('is counted on the raw bytes: the limit passes, one more does not', async () => {
    assert.equal((await send({ raw: sized(10_000_000) })).status, 202)
    assert.equal(azure.ledger[0]?.requestBytes, 10_000_000)
    const answer = await send({ raw: sized(10_000_001) })
    assert.deepEqual([answer.status, acsErrorOf(answer).code], [413, 'RequestBodyTooLarge'])
  })

  it('is refused before the upload ends when announced, and when it grows too large unannounced', async () => {
    const announced = await send({ raw: sized(30_000_000) })
    assert.deepEqual([announced.status, announced.isEarly], [413, true])
    azure.settings.maxRequestBytes = 1000
    const chunked = await send({ raw: sized(2000), headers: { 'transfer-encoding': 'chunked' } })
    assert.equal(chunked.status, 413)
    assert.equal(azure.ledger.length, 0)
  })
})

describe('ACS bearer check', () => {
  const cases: [name: string, status: number, make: () => Promise<string> | string][] = [
    ['none', 401, () => ''],
    ['nonsense', 401, () => 'a.b.c'],
    [
      'a token with a changed payload',
      401,
      () => {
        const [header, payload = '', signature] = token.split('.')
        const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
        return `${header}.${Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 1 })).toString('base64url')}.${signature}`
      },
    ],
    [
      'a token of another Entra',
      401,
      async () => {
        await using other = await startAzure()
        return await fetchToken(other, exampleTenant, exampleClientId, exampleSecret)
      },
    ],
    [
      'a token for another resource',
      401,
      async () => {
        const form = {
          grant_type: 'client_credentials',
          client_id: exampleClientId,
          client_secret: exampleSecret,
          scope: 'https://outlook.office365.com/.default',
        }
        const headers = { 'content-type': 'application/x-www-form-urlencoded' }
        const pathAndQuery = `/${exampleTenant}/oauth2/v2.0/token`
        const answer = await ask(azure, {
          method: 'POST',
          pathAndQuery,
          headers,
          body: new URLSearchParams(form).toString(),
        })
        return String(JSON.parse(answer.text).access_token)
      },
    ],
  ]
  for (const [name, wanted, make] of cases) {
    it(`${wanted} for ${name}`, async () => {
      const answer = await send({ headers: { authorization: `Bearer ${await make()}` } })
      assert.equal(answer.status, wanted)
    })
  }

  it('401 once the token has expired by the emulator’s clock', async () => {
    azure.settings.tokenLifetimeSeconds = 100
    const start = Date.now()
    azure.settings.now = () => start
    const short = await fetchToken(azure, exampleTenant, exampleClientId, exampleSecret)
    const headers = { authorization: `Bearer ${short}` }
    azure.settings.now = () => Math.floor(start / 1000) * 1000 + 99_999
    assert.equal((await send({ headers })).status, 202)
    azure.settings.now = () => Math.floor(start / 1000) * 1000 + 100_000
    const late = await send({ headers })
    assert.equal(late.status, 401)
    assert.match(late.headers['www-authenticate'] ?? '', /invalid_token/)
  })

  it('401 for a status query too', async () => {
    const answer = await ask(azure, {
      method: 'GET',
      pathAndQuery: `/emails/operations/${randomUUID()}?api-version=2025-09-01`,
    })
    assert.equal(answer.status, 401)
  })
})

describe('ACS quotas', () => {
  it('429 with Retry-After above the minute’s sends, refused tries counted, nothing stored', async () => {
    let now = 1_800_000_000_000
    azure.settings.now = () => now
    token = await fetchToken(azure, exampleTenant, exampleClientId, exampleSecret)
    azure.settings.sendQuota = { perMinute: 2, perHour: 100 }
    assert.equal((await send()).status, 202)
    now += 10_000
    assert.equal((await send()).status, 202)
    const refused = await send()
    assert.deepEqual([refused.status, acsErrorOf(refused).code], [429, 'TooManyRequests'])
    assert.equal(refused.headers['retry-after'], '60')
    now += 59_999
    assert.equal((await send()).status, 429)
    assert.equal(azure.ledger.length, 2)
    now += 60_000
    assert.equal((await send()).status, 202)
    azure.settings.now = Date.now
    token = await fetchToken(azure, exampleTenant, exampleClientId, exampleSecret)
  })

  it('429 for status queries by their own quota', async () => {
    const { id } = JSON.parse((await send()).text)
    azure.settings.statusQuota = { perMinute: 0, perHour: 0 }
    assert.equal((await status(id)).status, 429)
    assert.equal((await send()).status, 202)
  })
})

describe('ACS operation', () => {
  it('is Running for a while, then Succeeded', async () => {
    azure.settings.runningForMs = 5000
    const start = Date.now()
    azure.settings.now = () => start
    const { id } = JSON.parse((await send()).text)
    azure.settings.now = () => start + 4999
    const running = await status(id)
    assert.deepEqual([JSON.parse(running.text).status, running.headers['retry-after']], ['Running', '30'])
    azure.settings.now = () => start + 5000
    const done = await status(id.toUpperCase())
    assert.deepEqual(JSON.parse(done.text), { id, status: 'Succeeded', error: null })
    assert.equal(done.headers['retry-after'], undefined)
  })

  it('ends Failed or Canceled as scripted, and the ledger says so', async () => {
    for (const state of ['Failed', 'Canceled'] as const) {
      azure.settings.failOperation = (mail) => ({ status: state, code: 'Because', message: mail.subject })
      const { id } = JSON.parse((await send()).text)
      assert.deepEqual(JSON.parse((await status(id)).text), {
        id,
        status: state,
        error: { code: 'Because', message: 'Scan' },
      })
      assert.equal(azure.ledger.at(-1)?.failure?.code, 'Because')
    }
  })

  it('of a partly suppressed mail is Succeeded, of a wholly suppressed one Failed', async () => {
    azure.settings.suppressed = ['p0@contoso.com']
    const partly = JSON.parse((await send({ body: message({ recipients: { to: people(2) } }) })).text)
    const wholly = JSON.parse((await send({ body: message({ recipients: { to: people(1) } }) })).text)
    assert.equal(JSON.parse((await status(partly.id)).text).status, 'Succeeded')
    const failed = JSON.parse((await status(wholly.id)).text)
    assert.deepEqual([failed.status, failed.error.code], ['Failed', 'EmailDroppedAllRecipientsSuppressed'])
  })

  it('is 404 when unknown, and for a while after the 202 if so set', async () => {
    assert.equal((await status(randomUUID())).status, 404)
    azure.settings.statusHiddenForMs = 1000
    const start = Date.now()
    azure.settings.now = () => start
    const { id } = JSON.parse((await send()).text)
    assert.equal((await status(id)).status, 404)
    azure.settings.now = () => start + 1000
    assert.equal((await status(id)).status, 200)
  })
})

describe('forgetting', () => {
  it('leaves nothing of what was sent, but the settings', async () => {
    azure.settings.sendQuota = { perMinute: 1, perHour: 1 }
    azure.forget()
    const { id } = JSON.parse((await send()).text)
    assert.equal((await send()).status, 429)
    azure.forget()
    assert.deepEqual([azure.ledger.length, azure.requests.length], [0, 0])
    assert.equal((await status(id)).status, 404)
    assert.equal((await send()).status, 202)
  })
})

describe('the same Operation-Id again', () => {
  const cases = [
    ['replay202', 202, 409, 1],
    ['conflict409', 409, 409, 1],
    ['bad400', 400, 400, 1],
    ['naive-duplicate', 202, 202, 3],
  ] as const
  for (const [policy, sameBody, otherBody, stored] of cases) {
    it(`${policy}: ${sameBody}, with another body ${otherBody}, ${stored} stored`, async () => {
      azure.settings.operationIdPolicy = policy
      const headers = { 'operation-id': randomUUID() }
      assert.equal((await send({ headers })).status, 202)
      assert.equal(
        (await send({ headers: { 'operation-id': headers['operation-id'].toUpperCase() } })).status,
        sameBody,
      )
      const body = message({ content: { subject: 'other', plainText: 'x' } })
      assert.equal((await send({ headers, body })).status, otherBody)
      assert.equal(azure.ledger.length, stored)
    })
  }

  it('means nothing after a refusal', async () => {
    const headers = { 'operation-id': randomUUID() }
    assert.equal(
      (await send({ headers, body: message({ senderAddress: 'nobody@contoso.com' }) })).status,
      400,
    )
    assert.equal((await status(headers['operation-id'])).status, 404)
    assert.equal((await send({ headers })).status, 202)
  })
})
