// A program for acs-memory.test.ts: sends one mail of a file so many times at once, and prints the largest resident set.

import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { argv, cpuUsage, stdout } from 'node:process'
import { exampleClientId, exampleTenant } from '../../test/emulator/azure-settings.ts'
import type { Content } from '../core/content.ts'
import { secretName } from '../core/secret.ts'
import type { CredentialSetup } from '../core/setup.ts'
import { PartScanner } from '../message/part-scanner.ts'
import { createUpstream } from './drivers.ts'
import { address, exampleConsignment, exampleHouse, exampleSetup } from './example-consignment.fixture.ts'

const [
  ,
  ,
  kind = '',
  file = '',
  endpoint = '',
  port = '',
  caFile = '',
  accessKey = '',
  count = '',
  authority = '',
] = argv

/** The file as the spool would give it: pieces of at most 64 KiB, never the whole. */
async function contentOfFile(path: string): Promise<Content> {
  const handle = await open(path)
  const { size } = await handle.stat()
  return {
    size,
    async *read(range = { start: 0, end: size }) {
      for (let at = range.start; at < range.end; at += 65_536) {
        const length = Math.min(65_536, range.end - at)
        yield (await handle.read(Buffer.alloc(length), 0, length, at)).buffer
      }
    },
  }
}

const key = secretName('key')

/** For graph the key is the app's secret. */
function credentialFor(kind: string): CredentialSetup {
  if (kind === 'smarthost') return { kind: 'none' }
  if (kind === 'acs-email') return { kind: 'access-key', keys: [key] }
  const application = { tenantId: exampleTenant, clientId: exampleClientId, expires: '' }
  return { ...application, kind: 'client-secret', secrets: [key] }
}

const content = await contentOfFile(file)
const scanner = new PartScanner()
for await (const octets of content.read()) scanner.feed(octets)
const index = scanner.finish()
const house = exampleHouse()
house.secrets.set(key, accessKey)
const upstream = createUpstream(
  exampleSetup({
    kind: kind === 'smarthost' || kind === 'graph' ? kind : 'acs-email',
    endpoint,
    authority,
    maxMessageSize: 10_000_000,
    host: 'localhost',
    port: Number(port),
    caFile,
    connections: Number(count),
    credential: credentialFor(kind),
  }),
  house,
)
const never = new AbortController().signal
/** Largest resident set of this process so far, in kilobytes; getrusage would count the parent's. */
const peakKb = (): number => Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
// The sign-in library is there once, however many mails go.
if (kind === 'graph') await upstream.probe(never)
const startKb = peakKb()
const { rewrite } = exampleConsignment()
const kinds = await Promise.all(
  Array.from({ length: Number(count) }, async () => {
    const preparation = await upstream.prepare(
      exampleConsignment({ content, index, rewrite: { ...rewrite, sender: address('scanner@contoso.com') } }),
      never,
    )
    if (preparation.kind === 'refused') return JSON.stringify(preparation.outcome)
    return (await preparation.prepared.send(async () => {}, never)).get(1)?.kind
  }),
)
const { user, system } = cpuUsage()
await upstream[Symbol.asyncDispose]()
stdout.write(`${JSON.stringify({ kinds, startKb, peakKb: peakKb(), cpuMs: (user + system) / 1000 })}\n`)
