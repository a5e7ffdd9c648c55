import { json } from 'node:stream/consumers'
import { writeCertificate } from './certificate-writer.ts'
import type { Errand } from './issuing.ts'
import { requestFor } from './request-writer.ts'

// An order in, key and certificate (or a request) out; then the process ends, and all that it took to make them.

const errand = (await json(process.stdin)) as Errand
process.stdout.write(JSON.stringify(await run(errand)))

async function run({ kind, order }: Errand): Promise<unknown> {
  if (kind === 'request') return requestFor(order)
  const { notBefore, notAfter, ...rest } = order
  return writeCertificate({ ...rest, notBefore: new Date(notBefore), notAfter: new Date(notAfter) })
}
