// A box between two clouds: the twins of both, a clock that they share, and the setup's text for each way out.
import assert from 'node:assert/strict'
import type { MessageView } from '../../src/core/spool.ts'
import { minute, wallMs } from '../../src/core/time.ts'
import { type Azure, startAzure } from '../emulator/azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from '../emulator/azure-settings.ts'
import { type ExchangeOnline, startExchangeOnline } from '../emulator/exchange-online.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { plainBox } from './plain-box.ts'

export const sender = 'scanner@contoso.com'
const outlook = 'https://outlook.office365.com'
const objectId = '33333333-3333-4333-8333-333333333333'

/** `devices`: more tables; the one of the stage is known by 127.0.0.1. */
export const box = (upstreams: string, devices = ''): string =>
  plainBox({
    gateway: `hostname = "branch-07.contoso.com"\npostmaster = "it@contoso.com"\nsender = "${sender}"`,
    addresses: '127.0.0.1',
    sender,
    device: 'max_per_hour = 100000',
  }) +
  devices +
  upstreams

const credential = `[upstream.credential]
kind = "client-secret"
tenant_id = "${exampleTenant}"
client_id = "${exampleClientId}"
secret = "${exampleSecret}"
`

export interface Stage extends AsyncDisposable {
  readonly azure: Azure
  readonly exchange: ExchangeOnline
  readonly clock: RunningClock
  readonly folder: string
  readonly ca: string
  /** Tables of the setup document. */
  readonly acsWay: string
  readonly exchangeWay: string
  start(setup: string): Promise<GatewayInProcess>
}

/** One application that may send by both: tokens for either come from the same Entra. */
export async function openStage(): Promise<Stage> {
  const clock = new RunningClock(wallMs(Date.now()))
  await using stack = new AsyncDisposableStack()
  const app = {
    tenant: exampleTenant,
    clientId: exampleClientId,
    objectId,
    secrets: [{ value: exampleSecret }],
    certificates: [],
    role: 'contributor' as const,
    permissions: { [outlook]: ['SMTP.SendAsApp'] },
  }
  const azure = stack.use(await startAzure({ apps: [app], now: () => clock.wall() }))
  const exchange = stack.use(
    await startExchangeOnline(azure, {
      mailboxes: [{ address: sender, fullAccess: [exampleClientId] }],
      servicePrincipals: [{ clientId: exampleClientId, objectId }],
      // Mail above the rate is delayed by the service, which is not what is looked at here.
      messagesPerMinute: 1000,
    }),
  )
  const folder = stack.use(temporaryFolder()).path
  const ca = await azure.writeCa(folder)
  const running = stack.move()
  const common = `authority = "${azure.authority}"\nsenders = ["${sender}"]\nca_file = "${ca}"\n${credential}`
  return {
    azure,
    exchange,
    clock,
    folder,
    ca,
    acsWay: `[[upstream]]\nname = "acs"\nkind = "acs-email"\nendpoint = "${azure.endpoint}"\n${common}`,
    exchangeWay: `[[upstream]]\nname = "exchange"\nkind = "exchange-smtp"\nhost = "localhost"\nport = ${exchange.port}\nusername = "${sender}"\n${common}`,
    start: (setup) => GatewayInProcess.start(folder, setup, { clock }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

export async function apply(gateway: GatewayInProcess, setup: string): Promise<void> {
  const applied = await gateway.operations.applySetup(setup, { check: false, who: 'a technician' })
  assert.equal(applied.kind, 'applied', JSON.stringify(applied))
}

/** Minutes pass until what is looked for is there. */
export async function inTime(
  gateway: GatewayInProcess,
  { clock }: Pick<Stage, 'clock'>,
  what: string,
  look: () => Promise<boolean>,
): Promise<void> {
  for (let minutes = 0; minutes < 120; minutes += 1) {
    if (await look()) return
    await clock.jump(minute)
    await until('nothing is under way', async () =>
      (await gateway.operations.status()).upstreams.every(({ inFlight }) => inFlight === 0),
    )
  }
  assert.fail(`not within two hours: ${what}`)
}

export const everyone = (view: MessageView, ...states: readonly string[]): boolean =>
  view.recipients.every(({ state }) => states.includes(state))

/** How often each subject is there that the box did not write by itself. */
export function copies(subjects: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const subject of subjects.filter((one) => one.startsWith('scan ')))
    counts.set(subject, (counts.get(subject) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })))
}

export const subjectOf = (raw: Buffer): string => /^Subject: (.*)\r$/m.exec(raw.toString('latin1'))?.[1] ?? ''
