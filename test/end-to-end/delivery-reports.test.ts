// What Azure reports behind the 202: events as Event Grid writes them into a real (Azurite's) storage queue become true
// states, and a late bounce a mail to the owner, once.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { MessageView } from '../../src/core/spool.ts'
import { minute, second, wallMs } from '../../src/core/time.ts'
import { type Azurite, startAzurite } from '../azurite/azurite.ts'
import { type Azure, startAzure } from '../emulator/azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from '../emulator/azure-settings.ts'
import { createCertificateAuthority } from '../emulator/certificate-authority.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { plainBox } from './plain-box.ts'

const authority = await createCertificateAuthority()
let azurite: Azurite
let azure: Azure
before(async () => {
  azurite = await startAzurite(authority)
  azure = await startAzure({ certificateAuthority: authority })
})
after(async () => {
  await azure[Symbol.asyncDispose]()
  await azurite[Symbol.asyncDispose]()
})

const setupText = (
  ca: string,
  queue: string,
): string => `${plainBox({ gateway: 'postmaster = "it@contoso.com"\nsender = "noreply@contoso.com"', device: 'owner = "reception@contoso.com"' })}[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
authority = "${azure.authority}"
senders = ["scanner@contoso.com", "noreply@contoso.com"]
ca_file = "${ca}"
[upstream.reports]
queue = "${azurite.url(queue)}"
[upstream.credential]
kind = "client-secret"
tenant_id = "${exampleTenant}"
client_id = "${exampleClientId}"
secret = "${exampleSecret}"
`

interface Event {
  readonly operationId: string
  readonly recipient: string
  readonly status: string
  readonly said?: string
}

const data = ({ operationId, recipient, status, said = '' }: Event) => ({
  sender: 'scanner@contoso.com',
  recipient,
  internetMessageId: `<${operationId}@contoso.com>`,
  messageId: operationId,
  status,
  deliveryStatusDetails: { statusMessage: said, recipientMailServerHostName: 'mx.contoso.com' },
  deliveryAttemptTimestamp: new Date().toISOString().replace('Z', '0000+00:00'),
})

const inBase64 = (event: object): string => Buffer.from(JSON.stringify(event)).toString('base64')

/** The two ways in which Event Grid can write an event. */
const eventGrid = (event: Event): string =>
  inBase64({
    id: randomUUID(),
    topic: '/subscriptions/s/resourcegroups/g/providers/microsoft.communication/communicationservices/c',
    subject: `sender/scanner@contoso.com/message/${event.operationId}`,
    data: data(event),
    eventType: 'Microsoft.Communication.EmailDeliveryReportReceived',
    dataVersion: '1.0',
    metadataVersion: '1',
    eventTime: new Date().toISOString(),
  })
const cloudEvent = (event: Event): string =>
  inBase64({
    id: randomUUID(),
    source: '/subscriptions/s/resourcegroups/g/providers/microsoft.communication/communicationservices/c',
    specversion: '1.0',
    type: 'Microsoft.Communication.EmailDeliveryReportReceived',
    subject: `sender/scanner@contoso.com/message/${event.operationId}`,
    time: new Date().toISOString(),
    data: data(event),
  })

/** A gateway whose way out has the queue `name`. The clock is the gateway's alone: tokens and the queue live in real time. */
async function onStage(
  name: string,
  play: (gateway: GatewayInProcess, clock: QuietClock) => Promise<void>,
): Promise<void> {
  azure.forget()
  const clock = new QuietClock(wallMs(Date.now()))
  using folder = temporaryFolder()
  const setup = setupText(await azure.writeCa(folder.path), name)
  await using gateway = await GatewayInProcess.start(folder.path, setup, { clock })
  await play(gateway, clock)
}

async function sent(gateway: GatewayInProcess, ...to: readonly string[]): Promise<MessageView> {
  const { id } = await gateway.send({ to })
  return gateway.messageIs(id, 'accepted', 'confirmed')
}

const operationOf = (view: MessageView): string => view.parts[0]?.operationId ?? ''

/** Each question to the queue has this limit; a step of time is shorter, so that none that just began is cut off. */
const questionMs = 30 * second
const stepMs = 20 * second

/** Knows whether a question to the queue is on its way: a jump would cut it off, and what it took stays hidden. */
class QuietClock extends RunningClock {
  #asking = 0

  override after(ms: number, callback: () => void): () => void {
    if (ms !== questionMs) return super.after(ms, callback)
    this.#asking += 1
    let isOpen = true
    const end = (): void => {
      if (isOpen) this.#asking -= 1
      isOpen = false
    }
    const cancel = super.after(ms, () => {
      end()
      callback()
    })
    return () => {
      end()
      cancel()
    }
  }

  async step(): Promise<void> {
    if (this.#asking === 0) await this.jump(stepMs)
  }
}

/** Lets the gateway's clock go on until it holds. */
const inTime = <T>(clock: QuietClock, what: string, look: () => Promise<T | false | undefined>): Promise<T> =>
  until(
    what,
    async () => {
      const found = await look()
      if (found === undefined || found === false) await clock.step()
      return found
    },
    60_000,
  )

describe('delivery reports', { timeout: 300_000 }, () => {
  it('make a delivery delivered, and nothing else does', async () => {
    const queue = await azurite.queue('delivered')
    await onStage('delivered', async (gateway, clock) => {
      const view = await sent(gateway, 'anna@contoso.com')
      const byStatus = await inTime(clock, 'the status is asked', async () => {
        const [recipient] = (await gateway.message(view.id)).recipients
        return recipient?.state === 'confirmed' && recipient
      })
      assert.equal(byStatus.reason, 'the service reports success')
      await queue.sendMessage(
        eventGrid({ operationId: operationOf(view), recipient: 'Anna@contoso.com', status: 'Delivered' }),
      )
      const reported = await inTime(clock, 'the report is filed', async () => {
        const [recipient] = (await gateway.message(view.id)).recipients
        return recipient?.reason.startsWith('delivered') && recipient
      })
      assert.equal(reported.state, 'confirmed')
      assert.match(reported.reason, /delivered to the recipient's mail server: mx\.contoso\.com/)
      await until(
        'the queue is empty',
        async () => (await queue.getProperties()).approximateMessagesCount === 0,
      )
      const told = await gateway.operations.device('Scanner')
      assert.ok(told.kind === 'done')
      assert.deepEqual(told.mail.lastDay, { sent: 1, delivered: 1, failed: 0, suppressed: 0 })
    })
  })

  it('a late bounce is told to the owner once, however often it is reported', async () => {
    const queue = await azurite.queue('bounced')
    await onStage('bounced', async (gateway, clock) => {
      const view = await sent(gateway, 'anna@contoso.com', 'ben@contoso.com')
      const event = {
        operationId: operationOf(view),
        recipient: 'ben@contoso.com',
        status: 'Bounced',
        said: '550 5.1.10 Recipient not found',
      }
      await queue.sendMessage(cloudEvent(event))
      await queue.sendMessage(eventGrid(event))
      await inTime(clock, 'the bounce is filed', async () =>
        (await gateway.message(view.id)).recipients.some(({ state }) => state === 'bounced'),
      )
      const [anna, ben] = (await gateway.message(view.id)).recipients
      assert.notEqual(anna?.state, 'bounced')
      assert.equal(ben?.status, '5.1.10')
      assert.match(ben?.reason ?? '', /mail server refused it: 550 5\.1\.10 Recipient not found/)
      const reports = () => azure.ledger.filter(({ subject }) => subject.startsWith('Not delivered'))
      await until('the report is mailed', async () => reports().length > 0)
      await until(
        'the queue is empty',
        async () => (await queue.getProperties()).approximateMessagesCount === 0,
      )
      await clock.jump(20 * minute)
      // Beside it an alert may go: a jump leaves a question to the queue without its answer.
      assert.equal(reports().length, 1)
      const [report] = reports()
      assert.deepEqual(
        report?.to.map(({ address }) => address),
        ['reception@contoso.com'],
      )
      assert.match(report?.plainText ?? '', /ben@contoso\.com/)
      const history = (await gateway.message(view.id)).attempts.map(({ outcome }) => outcome)
      assert.deepEqual(
        history.filter((outcome) => outcome.startsWith('reported')),
        ['reported: bounced'],
      )
    })
  })

  it('a held back recipient is named with the device, and what is not ours leaves the queue at once', async () => {
    const queue = await azurite.queue('suppressed')
    await onStage('suppressed', async (gateway, clock) => {
      const view = await sent(gateway, 'old@contoso.com')
      const known = { operationId: operationOf(view), recipient: 'old@contoso.com', status: 'Suppressed' }
      await queue.sendMessage(eventGrid({ ...known, operationId: randomUUID() }))
      await queue.sendMessage(eventGrid(known))
      await inTime(clock, 'it is bounced', async () => (await gateway.states(view.id))[0] === 'bounced')
      await until(
        'the queue is empty',
        async () => (await queue.getProperties()).approximateMessagesCount === 0,
      )
      const told = await gateway.operations.device('Scanner')
      assert.ok(told.kind === 'done')
      assert.deepEqual(
        told.mail.suppressed.map(({ address, mails }) => [address, mails]),
        [['old@contoso.com', 1]],
      )
      assert.equal(told.mail.lastMonth.suppressed, 1)
      // Beside alerts: a day in one jump leaves a question to the queue without its answer.
      await until('the report is mailed', async () =>
        azure.ledger.some(({ plainText }) => /suppression list/.test(plainText ?? '')),
      )
    })
  })

  it('a missing queue is an alert with its remedy; mail goes out, and it is over when the queue is there', async () => {
    await onStage('missing', async (gateway, clock) => {
      const key = 'reports-not-collected/acs'
      const alert = async () => (await gateway.operations.status()).alerts.find((one) => one.key === key)
      const raised = await inTime(clock, 'the alert', alert)
      assert.match(raised.sentence, /queue of the delivery reports does not exist/)
      assert.match(raised.remedy, /reports\.queue/)
      await sent(gateway, 'anna@contoso.com')
      assert.equal((await gateway.upstream('acs')).state, 'ready')
      await azurite.queue('missing')
      await inTime(clock, 'the alert is over', async () => (await alert()) === undefined)
    })
  })

  it('a token that the storage account does not take is told as a missing role, and not used again', async () => {
    await azurite.queue('refused')
    // Older than its life when it comes: Azurite looks at the real clock.
    azure.settings.now = () => Date.now() - 2 * 60 * minute
    try {
      await onStage('refused', async (gateway, clock) => {
        const alert = async () =>
          (await gateway.operations.status()).alerts.find(({ key }) => key === 'reports-not-collected/acs')
        const raised = await inTime(clock, 'the alert', alert)
        assert.match(raised.sentence, /storage account refuses the app \(AuthenticationFailed\)/)
        assert.match(raised.remedy, /Storage Queue Data Message Processor/)
        azure.settings.now = Date.now
        const begun = clock.wall()
        await inTime(clock, 'the alert is over', async () => (await alert()) === undefined)
        assert.ok(clock.wall() - begun < 30 * minute, 'long before the token would have been renewed')
      })
    } finally {
      azure.settings.now = Date.now
    }
  })

  it('a sign-in that hangs keeps nobody from stopping', { timeout: 12_000 }, async () => {
    azure.settings.entraOutage = 'hang'
    try {
      await onStage('hanging', async () => {
        await until('the token is asked for', () => azure.requests.length > 0)
      })
    } finally {
      azure.settings.entraOutage = 'none'
    }
  })
})
