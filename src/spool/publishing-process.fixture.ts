import { noon, octetsOf, opened, publishing, sha256 } from './spool-fixture.ts'

// Publishes mail of all sizes from many sides until it is killed, and says which were stored.

const [file = '', round = '0'] = process.argv.slice(2)
const publishers = 8
const spool = await opened({ file, reserveOctets: 0 })
await spool.recover(noon)

for (let publisher = 0; publisher < publishers; publisher++) void publishForever(publisher)

async function publishForever(publisher: number): Promise<void> {
  for (let mail = 0; ; mail++) {
    const seed = Number(round) * 1e6 + publisher * 1e4 + mail + 1
    const octets = octetsOf(publisher === 0 ? 700_000 : (seed * 7919) % 100_000, seed)
    const { id, publication } = await publishing(spool, octets)
    if (publication.kind === 'stored') process.send?.({ id, sha256: sha256(octets) })
  }
}
