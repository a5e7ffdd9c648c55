import { json } from 'node:stream/consumers'
import { writeCertificate } from './certificate-writer.ts'
import type { WrittenOrder } from './issuing.ts'

// An order in, key and certificate out; then the process ends, and all that it took to make them.

const { notBefore, notAfter, ...order } = (await json(process.stdin)) as WrittenOrder
const pair = await writeCertificate({
  ...order,
  notBefore: new Date(notBefore),
  notAfter: new Date(notAfter),
})
process.stdout.write(JSON.stringify(pair))
