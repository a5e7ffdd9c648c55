import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Azure, startAzure } from '../../test/emulator/azure.ts'
import { exampleSecret } from '../../test/emulator/azure-settings.ts'
import { type Graph, startGraph } from '../../test/emulator/graph.ts'
import { allCapabilities } from '../../test/emulator/smtp-settings.ts'
import { type SmtpUpstream, startSmtpUpstream } from '../../test/emulator/smtp-upstream.ts'
import { scanMail } from './example-consignment.fixture.ts'

const program = fileURLToPath(new URL('./concurrent-sends.fixture.ts', import.meta.url))
/** As the box runs: dead buffers go early instead of piling up outside of the heap. */
const flags = ['--max-semi-space-size=2', '--optimize-for-size']
const sends = 10
const fileOctets = 7_000_000
/** Graph takes four at once for a mailbox. */
const sendsOf = (kind: string): number => (kind === 'graph' ? 4 : sends)
/** The bodies alone would be 95 MB; the same with the SDK's own upload took 620. */
const growthLimitKb = 64_000

let azure: Azure
let smtp: SmtpUpstream
let graph: Graph
let folder: string

before(async () => {
  azure = await startAzure({
    sendQuota: { perMinute: 1000, perHour: 1000 },
    resources: ['https://graph.microsoft.com'],
  })
  // Graph takes less and fewer: what is measured here is the driver.
  graph = await startGraph({ azure, maxRequestBytes: 20_000_000, mailboxConcurrency: 4 })
  smtp = await startSmtpUpstream({ certificateAuthority: azure.certificateAuthority })
  folder = await mkdtemp(join(tmpdir(), 'acs-memory-'))
  await writeFile(join(folder, 'scan.eml'), scanMail([{ name: 'ü.pdf', octets: randomBytes(fileOctets) }]))
})
after(async () => {
  await smtp[Symbol.asyncDispose]()
  await graph[Symbol.asyncDispose]()
  await azure[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

interface Report {
  readonly kinds: readonly string[]
  readonly startKb: number
  readonly peakKb: number
}

async function report(kind: string): Promise<Report> {
  const caFile = await azure.writeCa(folder)
  const key = kind === 'graph' ? exampleSecret : (azure.settings.accessKeys[0] ?? '')
  const { endpoint } = kind === 'graph' ? graph : azure
  const given = [
    kind,
    join(folder, 'scan.eml'),
    endpoint,
    String(smtp.port),
    caFile,
    key,
    String(sendsOf(kind)),
    azure.authority,
  ]
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, ...given])
  return JSON.parse(stdout)
}

describe('mails of 7 MB, as many at once as go', () => {
  for (const [kind, isChunking] of [
    ['acs-email', false],
    ['smarthost', false],
    ['smarthost', true],
    ['graph', false],
  ] as const) {
    it(`never stand in memory: ${kind}${isChunking ? ' by BDAT' : ''}`, async (context) => {
      smtp.settings.capabilities = { ...allCapabilities, isChunking }
      const { kinds, startKb, peakKb } = await report(kind)
      context.diagnostic(`${kind}: from ${startKb} to ${peakKb} KB`)
      assert.deepEqual(kinds, Array(sendsOf(kind)).fill('accepted'))
      assert.ok(peakKb - startKb < growthLimitKb, `${peakKb - startKb} KB more`)
    })
  }
})
