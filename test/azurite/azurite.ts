// Microsoft's own emulator of Azure Storage in a process of its own: its queue service over HTTPS, with tokens of Entra
// that it looks into (issuer, audience, life). Installed by tools/need.ts, not by `make setup`.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { type QueueClient, QueueServiceClient, StorageSharedKeyCredential } from '@azure/storage-queue'
import type { CertificateAuthority } from '../emulator/certificate-authority.ts'

/** The emulator's published account (learn.microsoft.com, "Use the Azurite emulator"). */
const account = 'devstoreaccount1'
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='
const main = resolve(import.meta.dirname, 'node_modules/azurite/dist/src/queue/main.js')

export interface Azurite extends AsyncDisposable {
  /** Of a queue, as it stands in the setup document. */
  url(queue: string): string
  /** Makes a queue and opens it as its owner, by the account's key: what Event Grid does with its own right. */
  queue(name: string): Promise<QueueClient>
}

/** Starts it on a free port of 127.0.0.1; nothing of it stays on disk. */
export async function startAzurite(authority: CertificateAuthority): Promise<Azurite> {
  const folder = mkdtempSync(join(tmpdir(), 'azurite-'))
  const identity = await authority.issue({ names: ['localhost', '127.0.0.1'] })
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  writeFileSync(cert, identity.certificatePem)
  writeFileSync(key, identity.keyPem)
  const flags = ['--silent', '--inMemoryPersistence', '--disableTelemetry', '--disableProductStyleUrl']
  const child = spawn(
    process.execPath,
    [main, ...flags, '--queuePort', '0', '--oauth', 'basic', '--cert', cert, '--key', key],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder },
  )
  const port = await portOf(child)
  const agent = new Agent({ ca: authority.caPem })
  const options = { retryOptions: { maxTries: 1 }, agent }
  const owner = new QueueServiceClient(
    `https://localhost:${port}/${account}`,
    new StorageSharedKeyCredential(account, accountKey),
    options,
  )
  return {
    url: (queue) => `https://localhost:${port}/${account}/${queue}`,
    async queue(name) {
      const queue = owner.getQueueClient(name)
      await queue.createIfNotExists()
      return queue
    },
    async [Symbol.asyncDispose]() {
      agent.destroy()
      if (child.exitCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Its last line of a start names the address that it listens at. */
async function portOf(child: ChildProcess): Promise<string> {
  const said: string[] = []
  child.stderr?.on('data', (octets: Buffer) => said.push(octets.toString()))
  for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
    said.push(line)
    const port = /listens on https:\/\/[^:]+:(\d+)/.exec(line)?.[1]
    if (port !== undefined) return port
  }
  throw new Error(`azurite did not start: ${said.join('\n')}`)
}
