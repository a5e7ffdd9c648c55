// The emulated Graph, spoken to by plain HTTPS requests and by curl, never by the gateway's driver.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { after, before, beforeEach, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { temporaryFolder } from '../gateway-process.ts'
import { type Azure, startAzure } from './azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from './azure-settings.ts'
import { type Graph, startGraph } from './graph.ts'
import { defaultGraphSettings } from './graph-settings.ts'

let azure: Azure
let graph: Graph

before(async () => {
  azure = await startAzure({ resources: ['https://graph.microsoft.com', 'https://outlook.office365.com'] })
  graph = await startGraph({ azure })
})
after(async () => {
  await graph[Symbol.asyncDispose]()
  await azure[Symbol.asyncDispose]()
})
beforeEach(() => {
  graph.forget()
  Object.assign(graph.settings, defaultGraphSettings())
  azure.settings.now = Date.now
})

interface Said {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, unknown>>
}

async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<Said & { readonly body: string }> {
  const sent = request(url, { method: 'POST', headers, ca: azure.caPem, agent: false })
  sent.end(body)
  const [response] = await once(sent, 'response')
  const answer = await text(response)
  const code = answer.startsWith('{') ? (JSON.parse(answer).error?.code ?? '') : ''
  return { status: response.statusCode, code, headers: response.headers, body: answer }
}

async function tokenFor(resource = 'https://graph.microsoft.com'): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: exampleClientId,
    client_secret: exampleSecret,
    scope: `${resource}/.default`,
  })
  const answer = await post(
    `${azure.authority}/${exampleTenant}/oauth2/v2.0/token`,
    { 'content-type': 'application/x-www-form-urlencoded' },
    form.toString(),
  )
  return JSON.parse(answer.body).access_token
}

const mime =
  'From: scanner@contoso.com\r\nTo: Anna <anna@contoso.com>\r\nBcc: ben@contoso.com\r\n\r\nhello\r\n'

interface Wish {
  readonly token?: string
  readonly user?: string
  readonly body?: string
  readonly contentType?: string
}

async function sendMail(wish: Wish = {}): Promise<Said> {
  const user = encodeURIComponent(wish.user ?? 'scanner@contoso.com')
  return post(
    `${graph.endpoint}/v1.0/users/${user}/sendMail`,
    {
      authorization: `Bearer ${wish.token ?? (await tokenFor())}`,
      'content-type': wish.contentType ?? 'text/plain',
    },
    wish.body ?? Buffer.from(mime).toString('base64'),
  )
}

const verdict = async (wish: Wish): Promise<string> => {
  const { status, code } = await sendMail(wish)
  return `${status} ${code}`
}

const encoded = (message: string): string => Buffer.from(message).toString('base64')

describe('the emulated Graph', () => {
  it('takes a message for To, Cc and Bcc, and puts it into Sent Items', async () => {
    const { status, headers } = await sendMail()
    assert.equal(status, 202)
    assert.match(String(headers['request-id']), /^[0-9a-f-]{36}$/)
    const [taken] = graph.ledger
    assert.deepEqual(taken?.recipients, ['anna@contoso.com', 'ben@contoso.com'])
    assert.equal(taken?.mime.toString(), mime)
    assert.equal(taken?.isInSentItems, true)
    assert.equal(taken?.parts[0]?.text, 'hello\r\n')
  })

  it('is understood by curl', async () => {
    using folder = temporaryFolder()
    const ca = await azure.writeCa(folder.path)
    const { stdout } = await promisify(execFile)('curl', [
      ...['-sS', '--cacert', ca, '-o', '/dev/null', '-w', '%{http_code}'],
      ...['-H', `Authorization: Bearer ${await tokenFor()}`, '-H', 'Content-Type: text/plain'],
      ...['--data', encoded(mime), `${graph.endpoint}/v1.0/users/scanner@contoso.com/sendMail`],
    ])
    assert.equal(stdout, '202')
  })

  it('looks at the token first', async () => {
    assert.equal(await verdict({ token: 'x.y.z' }), '401 InvalidAuthenticationToken')
    const foreign = await tokenFor('https://outlook.office365.com')
    assert.equal(await verdict({ token: foreign }), '401 InvalidAuthenticationToken')
    const token = await tokenFor()
    graph.settings.now = () => Date.now() + 3_600_000
    assert.equal(await verdict({ token }), '401 InvalidAuthenticationToken')
  })

  it('challenges a token from before a revocation with claims that can be read', async () => {
    graph.settings.tokensNotBefore = Math.floor(Date.now() / 1000) + 60
    const { status, headers } = await sendMail()
    assert.equal(status, 401)
    const [, claims] =
      /error="insufficient_claims", claims="([^"]+)"/.exec(String(headers['www-authenticate'])) ?? []
    const { access_token: wanted } = JSON.parse(Buffer.from(claims ?? '', 'base64').toString())
    assert.equal(wanted.nbf.value, String(graph.settings.tokensNotBefore))
  })

  it('lets an app send from the mailboxes of its grant alone', async () => {
    const grant = { tenant: exampleTenant, clientId: exampleClientId }
    graph.settings.grants = []
    assert.equal(await verdict({}), '403 ErrorAccessDenied')
    graph.settings.grants = [{ ...grant, roles: ['Mail.Read'] }]
    assert.equal(await verdict({}), '403 ErrorAccessDenied')
    graph.settings.grants = [{ ...grant, roles: ['Mail.Send'], mailboxes: ['noreply@contoso.com'] }]
    assert.equal(await verdict({}), '403 ErrorAccessDenied')
    const body = encoded(mime.replace('scanner@', 'noreply@'))
    assert.equal(await verdict({ user: 'noreply@contoso.com', body }), '202 ')
  })

  it('knows mailboxes, and whom each may send as', async () => {
    assert.equal(await verdict({ user: 'nobody@contoso.com' }), '404 ErrorInvalidUser')
    assert.equal(await verdict({ user: 'noreply@contoso.com' }), '403 ErrorSendAsDenied')
    const asOffice = encoded(mime.replace('scanner@', 'office@'))
    assert.equal(await verdict({ user: 'noreply@contoso.com', body: asOffice }), '202 ')
    const userPrincipalName = 'scanner@contoso.com'
    graph.settings.mailboxes = [{ userPrincipalName, state: 'on-premises' }]
    assert.equal(await verdict({}), '404 MailboxNotEnabledForRESTAPI')
    graph.settings.mailboxes = [{ userPrincipalName, state: 'full' }]
    assert.equal(await verdict({}), '507 ErrorQuotaExceeded')
    graph.settings.mailboxes = [{ userPrincipalName, state: 'blocked' }]
    assert.equal(await verdict({}), '403 ErrorMessageSubmissionBlocked')
  })

  it('takes strict base64 of text/plain alone', async () => {
    for (const body of [mime, `${encoded(mime)}\n`, encoded(mime).slice(1), ''])
      assert.equal(await verdict({ body }), '400 ErrorMimeContentInvalidBase64String', body)
    assert.equal(await verdict({ contentType: 'application/json' }), '415 ')
  })

  it('wants recipients, every one of them good', async () => {
    const toNobody = encoded('From: scanner@contoso.com\r\nTo: undisclosed-recipients:;\r\n\r\nhello')
    assert.equal(await verdict({ body: toNobody }), '400 ErrorInvalidRecipients')
    graph.settings.invalidRecipients = ['ben@contoso.com']
    assert.equal(await verdict({}), '400 ErrorInvalidRecipients')
    assert.equal(graph.ledger.length, 0)
  })

  it('takes 4 MB and not an octet more', async () => {
    graph.settings.maxRequestBytes = encoded(mime).length
    assert.equal(await verdict({}), '202 ')
    graph.settings.maxRequestBytes -= 1
    assert.equal(await verdict({}), '413 BadRequest')
    graph.settings.oversizeStatus = 200
    assert.equal(await verdict({}), '200 ')
    assert.equal(graph.ledger.length, 1)
  })

  it('takes four at once for a mailbox, and says when to come again', async () => {
    const token = await tokenFor()
    const body = encoded(mime)
    const open = [1, 2, 3, 4].map(() => {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'text/plain',
        'content-length': body.length,
      }
      const url = `${graph.endpoint}/v1.0/users/scanner%40contoso.com/sendMail`
      const one = request(url, { method: 'POST', headers, ca: azure.caPem, agent: false })
      one.flushHeaders()
      return one
    })
    await graph.requestsReach(4)
    const { status, code, headers } = await sendMail({ token })
    assert.deepEqual([status, code, headers['retry-after']], [429, 'ApplicationThrottled', '10'])
    for (const one of open) {
      one.end(body)
      const [response] = await once(one, 'response')
      assert.equal(response.statusCode, 202)
      response.resume()
    }
    assert.equal(await verdict({ token }), '202 ')
  })

  it('loses a reply after the message was taken, and a line before', async () => {
    graph.faults.push({ kind: 'reply-lost' }, { kind: 'reset-at', bytes: 10 })
    await assert.rejects(sendMail(), /hang up|ECONNRESET/)
    assert.equal(graph.ledger.length, 1)
    await assert.rejects(sendMail(), /hang up|ECONNRESET/)
    assert.equal(graph.ledger.length, 1)
  })

  it('may say Retry-After beside the 202', async () => {
    graph.settings.retryAfterOn202 = 7
    const { status, headers } = await sendMail()
    assert.deepEqual([status, headers['retry-after']], [202, '7'])
  })
})
