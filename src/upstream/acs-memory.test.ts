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
import { allCapabilities } from '../../test/emulator/smtp-settings.ts'
import { type SmtpUpstream, startSmtpUpstream } from '../../test/emulator/smtp-upstream.ts'
import { scanMail } from './example-consignment.fixture.ts'

const program = fileURLToPath(new URL('./concurrent-sends.fixture.ts', import.meta.url))
/** As the box runs: dead buffers go early instead of piling up outside of the heap. */
const flags = ['--max-semi-space-size=2', '--optimize-for-size']
const sends = 10
const fileOctets = 7_000_000
/** The bodies alone would be 95 MB; the same with the SDK's own upload took 620. */
const growthLimitKb = 64_000

let azure: Azure
let smtp: SmtpUpstream
let folder: string

before(async () => {
  azure = await startAzure({ sendQuota: { perMinute: 1000, perHour: 1000 } })
  smtp = await startSmtpUpstream({ certificateAuthority: azure.certificateAuthority })
  folder = await mkdtemp(join(tmpdir(), 'acs-memory-'))
  await writeFile(join(folder, 'scan.eml'), scanMail([{ name: 'ü.pdf', octets: randomBytes(fileOctets) }]))
})
after(async () => {
  await smtp[Symbol.asyncDispose]()
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
  const key = azure.settings.accessKeys[0] ?? ''
  const given = [
    kind,
    join(folder, 'scan.eml'),
    azure.endpoint,
    String(smtp.port),
    caFile,
    key,
    String(sends),
  ]
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, ...given])
  return JSON.parse(stdout)
}

describe('ten mails of 7 MB at once', () => {
  for (const [kind, isChunking] of [
    ['acs-email', false],
    ['smarthost', false],
    ['smarthost', true],
  ] as const) {
    it(`never stand in memory: ${kind}${isChunking ? ' by BDAT' : ''}`, async (context) => {
      smtp.settings.capabilities = { ...allCapabilities, isChunking }
      const { kinds, startKb, peakKb } = await report(kind)
      context.diagnostic(`${kind}: from ${startKb} to ${peakKb} KB`)
      assert.deepEqual(kinds, Array(sends).fill('accepted'))
      assert.ok(peakKb - startKb < growthLimitKb, `${peakKb - startKb} KB more`)
    })
  }
})
